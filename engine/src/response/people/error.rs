//! Why something cannot be done with people.

/// Why something cannot be done with people now. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeopleError {
    /// Nobody is called that.
    Unknown {
        /// What they were called, shortened.
        name: String,
        /// Who may have been meant.
        near: Option<String>,
    },
    /// There is no task of that number.
    NoSuchTask(u32),
    /// The task is over.
    TaskOver(u32),
    /// They are in the channel already, or a page to them is ringing.
    NoNeedToPage(String),
    /// They are not in the channel, and nobody has paged them.
    NotThere(String),
    /// They have it already.
    HasItAlready(String),
    /// The lead does it with their own hands; nobody else can be asked about it.
    LeadsOwn(u32),
    /// It is said to be that bad already, or about to be.
    DeclaredAlready(super::Severity),
    /// A time-box is longer than nothing.
    EmptyTimeBox,
    /// They lead, or are about to.
    Leads(String),
    /// They are on their way, or read up.
    NotReady(String),
    /// They cannot lead with a task in their hands.
    HoldsTask {
        /// Who.
        name: String,
        /// The task, by its number.
        task: u32,
    },
    /// They are about to be given a task.
    WillHoldTask(String),
    /// Nothing of that number was said.
    NoSuchNews(u32),
    /// It is no bad news that somebody brought.
    NotBadNews(u32),
    /// It has been answered, or is being answered.
    AnsweredAlready(u32),
}

impl std::fmt::Display for PeopleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { name, near: Some(near) } => {
                write!(f, "nobody and no team is called \"{name}\"; did you mean `{near}`?")
            }
            Self::Unknown { name, near: None } => write!(f, "nobody and no team is called \"{name}\""),
            Self::NoSuchTask(task) => write!(f, "there is no task {task}"),
            Self::TaskOver(task) => write!(f, "task {task} is over"),
            Self::NoNeedToPage(name) => write!(f, "{name} is here already, or being paged"),
            Self::NotThere(name) => write!(f, "{name} is not here; page them first"),
            Self::HasItAlready(name) => write!(f, "{name} has this task already"),
            Self::LeadsOwn(task) => write!(f, "task {task} is in the lead's own hands; cancel it or reassign it"),
            Self::DeclaredAlready(severity) => write!(f, "it is declared {severity} already, or about to be"),
            Self::EmptyTimeBox => write!(f, "a time-box must be longer than nothing, such as 10m"),
            Self::Leads(name) => {
                write!(f, "{name} leads: name nobody to do it with your own hands, or hand over to somebody else first")
            }
            Self::NotReady(name) => write!(f, "{name} is not ready to lead; wait until they are here and have read up"),
            Self::HoldsTask { name, task } => {
                write!(f, "{name} has task {task} in hand; reassign it or cancel it first")
            }
            Self::WillHoldTask(name) => {
                write!(f, "{name} is about to be given a task; wait for it, then reassign it or cancel it")
            }
            Self::NoSuchNews(news) => write!(f, "nothing of number {news} was said; the news are numbered from 0"),
            Self::NotBadNews(news) => write!(f, "news {news} is no bad news; only who brings some can be answered"),
            Self::AnsweredAlready(news) => write!(f, "news {news} has been answered; what was said is said"),
        }
    }
}

impl std::error::Error for PeopleError {}
