//! The line that is being typed, and those that were.

/// A line with a cursor, and a history.
#[derive(Clone, Debug, Default)]
pub(super) struct Editor {
    text: Vec<char>,
    cursor: usize,
    history: Vec<String>,
    /// How far back in the history, with what was being typed before.
    back: Option<(usize, String)>,
}

impl Editor {
    pub(super) fn text(&self) -> String {
        self.text.iter().collect()
    }

    pub(super) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn set(&mut self, text: &str) {
        self.text = text.chars().collect();
        self.cursor = self.text.len();
    }

    pub(super) fn insert(&mut self, c: char) {
        self.text.insert(self.cursor, c);
        self.cursor += 1;
    }

    pub(super) fn backspace(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.text.remove(self.cursor);
        }
    }

    pub(super) fn delete(&mut self) {
        if self.cursor < self.text.len() {
            self.text.remove(self.cursor);
        }
    }

    pub(super) const fn left(&mut self) {
        self.cursor = self.cursor.saturating_sub(1);
    }

    pub(super) fn right(&mut self) {
        self.cursor = (self.cursor + 1).min(self.text.len());
    }

    pub(super) const fn home(&mut self) {
        self.cursor = 0;
    }

    pub(super) const fn end(&mut self) {
        self.cursor = self.text.len();
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
        self.back = None;
    }

    /// Removes the word before the cursor.
    pub(super) fn rub_out_word(&mut self) {
        while self.cursor > 0 && self.text[self.cursor - 1].is_whitespace() {
            self.backspace();
        }
        while self.cursor > 0 && !self.text[self.cursor - 1].is_whitespace() {
            self.backspace();
        }
    }

    /// Takes the line, and keeps it in the history.
    pub(super) fn take(&mut self) -> String {
        let text = self.text();
        self.clear();
        self.remember(&text);
        text
    }

    pub(super) fn remember(&mut self, text: &str) {
        if !text.trim().is_empty() && self.history.last().is_none_or(|last| last != text) {
            self.history.push(text.to_owned());
        }
    }

    /// The line before in the history.
    pub(super) fn up(&mut self) {
        let (at, typed) = self.back.clone().unwrap_or_else(|| (self.history.len(), self.text()));
        if at > 0 {
            let line = self.history[at - 1].clone();
            self.set(&line);
            self.back = Some((at - 1, typed));
        }
    }

    /// The line after in the history, and at last what was being typed.
    pub(super) fn down(&mut self) {
        let Some((at, typed)) = self.back.take() else { return };
        match self.history.get(at + 1).cloned() {
            Some(line) => {
                self.set(&line);
                self.back = Some((at + 1, typed));
            }
            None => self.set(&typed),
        }
    }
}

/// What all of these begin with.
pub(super) fn common_start(lines: &[String]) -> String {
    let Some((first, rest)) = lines.split_first() else { return String::new() };
    let shared = |line: &String| first.chars().zip(line.chars()).take_while(|(a, b)| a == b).count();
    let length = rest.iter().map(shared).min().unwrap_or_else(|| first.chars().count());
    first.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        text.chars().for_each(|c| editor.insert(c));
        editor
    }

    #[test]
    fn a_line_is_edited_where_the_cursor_is() {
        let mut editor = typed("check 3");
        editor.backspace();
        editor.insert('2');
        editor.home();
        editor.delete();
        editor.insert('C');
        assert_eq!((editor.text().as_str(), editor.cursor()), ("Check 2", 1));
        editor.end();
        editor.rub_out_word();
        assert_eq!(editor.text(), "Check ");
        editor.rub_out_word();
        editor.backspace();
        assert!(editor.is_empty());
    }

    #[test]
    fn the_history_goes_back_and_forth_and_keeps_what_was_typed() {
        let mut editor = typed("one");
        assert_eq!(editor.take(), "one");
        editor.set("two");
        editor.take();
        editor.set("tw");
        let mut walk = |step: fn(&mut Editor)| {
            step(&mut editor);
            editor.text()
        };
        assert_eq!([walk(Editor::up), walk(Editor::up), walk(Editor::up)], ["two", "one", "one"]);
        assert_eq!([walk(Editor::down), walk(Editor::down), walk(Editor::down)], ["two", "tw", "tw"]);
    }

    #[test]
    fn what_lines_begin_with() {
        let lines = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(common_start(&lines(&["roll-back api", "roll-back db"])), "roll-back ");
        assert_eq!((common_start(&lines(&["a"])).as_str(), common_start(&[]).as_str()), ("a", ""));
    }
}
