//! Files that appear whole or not at all.
//!
//! A file is written under a temporary name and renamed when it is complete. The temporary files of this process are
//! known here, so that a shell that is interrupted can remove them before it ends.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The temporary files that are there now.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes the temporary files of every write that is under way. Only for a process that ends next: from now on no
/// write starts or completes, whoever tries waits for ever.
pub fn remove_unfinished() {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        // The process ends, and nobody is left who could do something about it.
        let _ = fs::remove_file(path);
    }
    std::mem::forget(unfinished);
}

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file, gone when this is dropped unless it has been renamed.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn create(path: PathBuf) -> io::Result<(Self, File)> {
        let mut unfinished = unfinished();
        let file = File::create(&path)?;
        unfinished.insert(path.clone());
        Ok((Self { path }, file))
    }

    fn rename(self, to: &Path) -> io::Result<()> {
        let mut unfinished = unfinished();
        fs::rename(&self.path, to)?;
        unfinished.remove(&self.path);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if unfinished().remove(&self.path) {
            // The error that led here is the one to report; that the rest cannot be removed either adds nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A place where a file will be written, known to be writable when it was named.
#[derive(Clone, Debug)]
pub struct Target {
    /// As the user gave it, for messages.
    path: PathBuf,
    /// Where the file itself lies, behind links.
    real: PathBuf,
}

/// Why a file could not be written. What was there before is untouched.
#[derive(Debug)]
pub struct WriteError {
    /// The file, as the user gave it.
    pub path: PathBuf,
    /// What the system says.
    pub cause: io::Error,
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl Target {
    /// A target at a path, after a try whether anything can be written there. Leaves no trace.
    ///
    /// # Errors
    /// When nothing can.
    pub fn new(path: &Path) -> Result<Self, WriteError> {
        // A link stays a link: what it points at is replaced.
        let real =
            fs::canonicalize(path).or_else(|_new| in_its_folder(path)).unwrap_or_else(|_nowhere| path.to_owned());
        let target = Self { path: path.to_owned(), real };
        target.probe().map_err(|cause| target.error(cause))?;
        Ok(target)
    }

    /// The path as the user gave it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file itself lies or will lie: behind links, from the root.
    #[must_use]
    pub fn location(&self) -> &Path {
        &self.real
    }

    /// Whether it is a device or a pipe, which is written to and not replaced.
    #[must_use]
    pub fn is_special(&self) -> bool {
        fs::metadata(&self.real).is_ok_and(|metadata| !metadata.is_file())
    }

    /// Writes the file under a temporary name beside its own and renames it when it is complete. A device or a pipe is
    /// written to directly.
    ///
    /// # Errors
    /// When anything fails on the way; the temporary file is gone then.
    pub fn write(&self, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), WriteError> {
        self.try_write(fill).map_err(|cause| self.error(cause))
    }

    fn try_write(&self, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
        if self.is_special() {
            let mut file = BufWriter::new(File::options().write(true).open(&self.real)?);
            fill(&mut file)?;
            return file.flush();
        }
        let (temporary, file) = Temporary::create(self.temporary())?;
        let mut file = BufWriter::new(file);
        fill(&mut file)?;
        file.flush()?;
        drop(file);
        temporary.rename(&self.real)
    }

    fn probe(&self) -> io::Result<()> {
        if self.real.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if self.is_special() {
            return File::options().write(true).open(&self.real).map(|_| ());
        }
        Temporary::create(self.temporary()).map(drop)
    }

    fn temporary(&self) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(self.real.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", std::process::id()));
        self.real.with_file_name(name)
    }

    fn error(&self, cause: io::Error) -> WriteError {
        WriteError { path: self.path.clone(), cause }
    }
}

/// Where a file that is not there yet will lie.
fn in_its_folder(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(fs::canonicalize(folder)?.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("brownout-file-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = folder("failed");
        let path = folder.join("a.csv");
        fs::write(&path, "old").unwrap();
        let target = Target::new(&path).unwrap();
        let error = target.write(|file| {
            file.write_all(b"half")?;
            Err(io::Error::other("out of ideas"))
        });
        assert!(error.unwrap_err().to_string().ends_with("a.csv: out of ideas"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(&folder), ["a.csv"]);
        target.write(|file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(&folder), ["a.csv"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_target_that_cannot_be_written_is_refused_at_once() {
        let folder = folder("refused");
        assert_eq!(Target::new(&folder).unwrap_err().cause.kind(), io::ErrorKind::IsADirectory);
        assert_eq!(Target::new(&folder.join("no/a.csv")).unwrap_err().cause.kind(), io::ErrorKind::NotFound);
        assert!(names(&folder).is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_written_to() {
        let folder = folder("links");
        std::os::unix::fs::symlink(folder.join("real.csv"), folder.join("link.csv")).unwrap();
        fs::write(folder.join("real.csv"), "old").unwrap();
        Target::new(&folder.join("link.csv")).unwrap().write(|file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("real.csv")).unwrap(), "new");
        assert!(fs::symlink_metadata(folder.join("link.csv")).unwrap().is_symlink());
        Target::new(Path::new("/dev/null")).unwrap().write(|file| file.write_all(b"gone")).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        fs::remove_dir_all(folder).unwrap();
    }
}
