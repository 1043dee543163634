//! The Brownout incident room in a window.
//!
//! It is not built yet: the window says what Brownout is, which version this is, and what to use meanwhile.

mod window;

pub use window::{GuiError, run};

/// Whether there is a display on which a window can appear. On Linux and its like that is what the environment says.
#[must_use]
pub fn display_available() -> bool {
    if cfg!(any(target_os = "windows", target_os = "macos")) {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
