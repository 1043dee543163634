//! The window and what stands in it.

use eframe::egui;

/// Why the window could not be opened.
#[derive(Debug)]
pub struct GuiError(eframe::Error);

impl std::fmt::Display for GuiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            // The library says where in its source it noticed.
            eframe::Error::WinitEventLoop(_) => f.write_str("cannot connect to the display"),
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for GuiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Opens the window; returns when it is closed.
///
/// # Errors
/// When there is no display, or no OpenGL on it.
pub fn run() -> Result<(), GuiError> {
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default().with_title("Brownout").with_inner_size([760.0, 440.0]),
        ..Default::default()
    };
    eframe::run_native("brownout", options, Box::new(|_| Ok(Box::new(Room)))).map_err(GuiError)
}

/// What to type meanwhile, and what it does.
const COMMANDS: [(&str, &str); 4] = [
    ("brownout list", "the built-in scenarios"),
    ("brownout run one-slash --policy rollback-first", "an incident in which the lead rolls back first"),
    ("brownout run one-slash --policy hotfix-first", "the same incident with a hotfix first"),
    ("brownout check FILE.ron", "everything wrong with a scenario file of your own"),
];

/// The room as it is so far.
struct Room;

impl eframe::App for Room {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        egui::CentralPanel::default().show(ui, |ui| {
            ui.add_space(12.0);
            ui.heading("Brownout");
            ui.label(format!(
                "A flight simulator for the person who leads an incident. Version {}.",
                env!("CARGO_PKG_VERSION")
            ));
            ui.add_space(16.0);
            ui.label("The incident room is not built yet. Meanwhile, in a terminal:");
            ui.add_space(8.0);
            ui.scope(commands);
        });
    }
}

/// Each command can be selected and copied; what it does stands below it.
fn commands(ui: &mut egui::Ui) {
    for (command, purpose) in COMMANDS {
        ui.monospace(command);
        ui.label(purpose);
        ui.add_space(6.0);
    }
}
