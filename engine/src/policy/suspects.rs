//! What a lead suspects: changes that still stand, as the change log tells.

use crate::observe::ChangeEntry;

/// The changes of a service (dense index) that still stand, the one its instances run last: deploys that were not rolled
/// back. A restart changes nothing, nor does a hotfix that was dropped. The version that ran at the start is no change.
pub(super) fn standing(changes: &[ChangeEntry], service: usize) -> Vec<&ChangeEntry> {
    let mut stack: Vec<&ChangeEntry> = Vec::new();
    for entry in changes.iter().filter(|entry| entry.service.index() == service && !entry.dropped) {
        if entry.back {
            // Back to a version that stands, or to one from before everything in the log.
            let kept = stack.iter().rposition(|earlier| earlier.version == entry.version).map_or(0, |at| at + 1);
            stack.truncate(kept);
        } else {
            stack.push(entry);
        }
    }
    stack
}

/// Whether a change is somebody's fix for the version before it, as its name says.
pub(super) fn is_fix(change: &ChangeEntry) -> bool {
    change.version.contains("+hotfix")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::views::change;

    fn versions(changes: &[ChangeEntry], service: usize) -> Vec<&str> {
        standing(changes, service).iter().map(|entry| entry.version.as_str()).collect()
    }

    #[test]
    fn what_was_rolled_back_does_not_stand_any_more() {
        let mut log = vec![change(60, 0, "v2", false, true), change(90, 1, "w2", false, true)];
        assert_eq!((versions(&log, 0), versions(&log, 1)), (vec!["v2"], vec!["w2"]));
        log.push(change(120, 0, "v2+hotfix1", false, true));
        log.push(change(150, 0, "v2+hotfix1", true, true));
        assert_eq!(versions(&log, 0), ["v2", "v2+hotfix1"], "a restart changes nothing");
        log.push(change(180, 0, "v2", true, true));
        assert_eq!(versions(&log, 0), ["v2"]);
        log.push(ChangeEntry { dropped: true, ..change(200, 0, "hotfix2", false, false) });
        assert_eq!(versions(&log, 0), ["v2"], "nothing was rolled out");
        log.push(change(210, 0, "v1", true, false));
        assert_eq!((versions(&log, 0).len(), versions(&log, 1)), (0, vec!["w2"]));
    }
}
