//! Who takes part besides the lead: teams, responders, and how everybody works.

use super::{Count, Drawn, Entries, Lenient};
use crate::document;
use crate::text::Spanned;
use crate::units::{Ratio, SimDuration};

document! {
    /// Who takes part besides the lead. With nobody, what is ordered happens at once.
    pub struct People {
        /// The time of day at the lead's place when the run starts, such as "14:05".
        starts_at: Spanned<String> = Spanned::implied("10:00".to_owned()),
        /// What the things take that need the lead's own attention.
        lead: Lenient<Lead> = Lenient::default(),
        /// The teams by name: who is paged for which services.
        teams: Entries<Team> = Entries::default(),
        /// The responders by name.
        responders: Entries<Responder>,
        /// How everybody works.
        habits: Lenient<Habits> = Lenient::default(),
        /// Who waits for word, and what they do when they hear none; without it, nobody.
        audiences: Lenient<Option<Audiences>> = Lenient::default(),
        /// Messages that come in and want the lead's attention at once, by name; each comes once.
        injects: Entries<Inject> = Entries::default(),
    }
}

document! {
    /// A message that comes in.
    pub struct Inject {
        /// When it comes.
        when: Lenient<When>,
        /// Who says it.
        from: Lenient<String>,
        /// What they say.
        text: Lenient<String>,
        /// How long it keeps the lead. The default is an assumption.
        takes: Spanned<SimDuration> = Spanned::implied(SimDuration::from_secs(90)),
    }
}

document! {
    /// When a message comes in.
    pub enum When {
        /// At this time of the run.
        At(Spanned<SimDuration>),
        /// So long after an alert has begun to fire, if it still does.
        Alert {
            /// The alert.
            alert: Spanned<String>,
            /// How long it has fired.
            after: Spanned<SimDuration> = Spanned::implied(SimDuration::ZERO),
        },
        /// When users have felt it for so long and nothing was said to an audience meanwhile.
        Silence {
            /// The audience.
            audience: Listener,
            /// How long.
            after: Spanned<SimDuration>,
        },
    }
}

document! {
    /// Who waits for word.
    pub enum Listener {
        /// The public.
        StatusPage,
        /// Those who answer for the business.
        Executives,
        /// Those who answer customers.
        Support,
        /// Everybody at work on it.
        Engineering,
    }
}

document! {
    /// Who waits for word. Each has defaults: first word after 5m on the status page and then every 20m, every 30m for executives
    /// (PagerDuty); the rest are assumptions.
    pub struct Audiences {
        /// The public, through the status page: writing 90s, first word within 5m, then every 20m.
        status_page: Option<Audience>,
        /// Those who answer for the business: writing 60s, first word within 10m, then every 30m.
        executives: Option<Audience>,
        /// Those who answer customers: writing 45s, first word within 10m, then every 30m.
        support: Option<Audience>,
        /// Everybody at work on it: writing 20s, first word within 5m, then every 15m.
        engineering: Option<Audience>,
        /// The share of its trust that an audience loses with each minute it waits too long; 1% by default.
        silence_costs: Option<Spanned<Ratio>>,
        /// The share it loses when a promised update does not come; 5% by default.
        broken_promise_costs: Option<Spanned<Ratio>>,
        /// The share it loses with a statement that its own experience contradicts; 25% by default.
        falsehood_costs: Option<Spanned<Ratio>>,
        /// The share of the missing trust that comes back with a complete and true statement; 10% by default.
        repairs: Option<Spanned<Ratio>>,
        /// How many tickets an affected user writes in a minute who trusts fully and was told nothing; 0.005 by default.
        tickets_per_user_minute: Option<Spanned<f64>>,
        /// The share of tickets that are still written when the status page says what is the matter; 60% by default.
        told_writes: Option<Spanned<Ratio>>,
        /// How often executives interrupt in a minute who trust fully and are told in time; 0.01 by default.
        interrupts_per_minute: Option<Spanned<f64>>,
        /// How many times as often they do when they wait too long; 8 by default.
        silence_interrupts: Option<Spanned<f64>>,
        /// How long an interruption takes; 2m by default.
        interruption: Option<Spanned<SimDuration>>,
        /// How often customer success calls the lead in a minute, if support was told nothing and tickets are many; 0.05 by
        /// default.
        calls_per_minute: Option<Spanned<f64>>,
        /// How many tickets in ten minutes are many; 100 by default.
        many_tickets: Option<Spanned<f64>>,
        /// The share of calls that are still made when support knows what is the matter; 25% by default.
        told_calls: Option<Spanned<Ratio>>,
    }
}

document! {
    /// An audience.
    pub struct Audience {
        /// How long it takes to write something for it.
        composing: Option<Spanned<SimDuration>>,
        /// How soon after users began to feel it the audience wants to hear something.
        first: Option<Spanned<SimDuration>>,
        /// How long it waits for the next statement where none was promised.
        cadence: Option<Spanned<SimDuration>>,
        /// How much it trusts at the start what it is told; 80% by default.
        trust: Option<Spanned<Ratio>>,
        /// From when to when what is said does not reach it, and nobody says so: the automation of the status page is broken.
        silently_fails: Option<(Spanned<SimDuration>, Spanned<SimDuration>)>,
    }
}

document! {
    /// What the things take that need the lead's own attention. The defaults are assumptions where no source is named.
    pub struct Lead {
        /// How well the lead knows the services, for what they do with their own hands; 50% by default.
        skill: Option<Spanned<Ratio>>,
        /// Giving somebody a task; 30s by default.
        assigning: Option<Spanned<SimDuration>>,
        /// Asking somebody how it goes, and listening; 45s by default.
        checking_in: Option<Spanned<SimDuration>>,
        /// Sending a page; 15s by default.
        paging: Option<Spanned<SimDuration>>,
        /// Telling everybody something; 20s by default.
        telling: Option<Spanned<SimDuration>>,
        /// Answering somebody who brings bad news; 10s by default.
        answering: Option<Spanned<SimDuration>>,
        /// Handing over the lead with nothing told; 20s by default.
        handing_over: Option<Spanned<SimDuration>>,
        /// Each part that is told when the lead or a task is handed over; 45s by default.
        explaining: Option<Spanned<SimDuration>>,
        /// How many people may report to the lead before everything takes longer; 7 by default (PagerDuty: more than 7 or 8
        /// overwhelm).
        span_of_control: Option<Spanned<Count>>,
        /// How much longer everything takes for each one above that; 15% by default.
        overload: Option<Spanned<Ratio>>,
    }
}

document! {
    /// A team.
    pub struct Team {
        /// The services it owns.
        services: Vec<Spanned<String>> = Vec::new(),
        /// Who is on call, by name: whoever does not acknowledge in time is followed by the next.
        on_call: Vec<Spanned<String>>,
        /// Where the pages of alerts for it go instead, now and then; without it, never.
        misroutes: Lenient<Option<Misroute>> = Lenient::default(),
    }
}

document! {
    /// Pages that go to the wrong team.
    pub struct Misroute {
        /// The chance, for each page of an alert: 4% to 92% of the reports of a large system's services were reassigned (Chen et al. 2019).
        chance: Spanned<Ratio>,
        /// The team that is paged instead.
        to: Spanned<String>,
    }
}

document! {
    /// Somebody who can be given a task.
    pub struct Responder {
        /// What they do, in words.
        role: Lenient<String>,
        /// How well they know a service, by its name, 0% to 100%; those that are not listed, not at all.
        skills: Entries<Spanned<Ratio>> = Entries::default(),
        /// The time of day at their place when the run starts; without it, that of the lead.
        local_time: Lenient<Option<Spanned<String>>> = Lenient::default(),
        /// From when to when they sleep, by their own clock.
        sleeps: Lenient<Option<(Spanned<String>, Spanned<String>)>> = Lenient::default(),
        /// Whether they are in the channel from the start, with no need to page them.
        present: bool = false,
        /// When their shift ends: ten minutes before they say so, and then they go and drop what they have in hand. Who leads stays until
        /// they have handed over. Without it, they stay.
        leaves: Lenient<Option<Spanned<SimDuration>>> = Lenient::default(),
        /// The share of their time that other work takes.
        load: Lenient<Spanned<Ratio>> = Lenient(Some(Spanned::implied(Ratio::ZERO))),
        /// What they say something will take, as a share of what it takes on average: 60% to 80% are usual.
        optimism: Lenient<Spanned<Ratio>> = Lenient(Some(Spanned::implied(Ratio::new(0.7)))),
        /// The chance that they say unasked that they are blocked, late, or wrong with a fix. The default is an assumption.
        speaks_up: Lenient<Spanned<Ratio>> = Lenient(Some(Spanned::implied(Ratio::new(0.5)))),
    }
}

document! {
    /// How everybody works. The defaults are assumptions where no source is named.
    pub struct Habits {
        /// From a page to its acknowledgement by day; `Lognormal(mean: "154s", cv: 0.8)` by default, a median of 2 minutes.
        acknowledges: Option<Drawn>,
        /// The same of somebody who slept; `Lognormal(mean: "269s", cv: 0.8)` by default, a median of 3.5 minutes.
        acknowledges_asleep: Option<Drawn>,
        /// The chance that a page is not noticed; 12% by default.
        misses: Option<Spanned<Ratio>>,
        /// After how long without an acknowledgement the next one on call is paged; 5m by default (PagerDuty).
        escalates_after: Option<Spanned<SimDuration>>,
        /// How long it takes to read up before one can start; 2m by default.
        briefing: Option<Spanned<SimDuration>>,
        /// How long everybody at work is held up by somebody who joins; 45s by default.
        joining: Option<Spanned<SimDuration>>,
        /// The part of one's speed that is missing right after waking up; 40% by default.
        inertia: Option<Spanned<Ratio>>,
        /// The time in which all but 1/e of that has come back; 1.17 h by default (Jewett et al. 1999).
        inertia_fades: Option<Spanned<SimDuration>>,
        /// The part of one's speed that is lost with every hour awake beyond sixteen; 5% by default.
        tiring: Option<Spanned<Ratio>>,
        /// The speed of somebody who has never seen the service; 50% by default.
        stranger_speed: Option<Spanned<Ratio>>,
        /// How many times as likely a fix is wrong when its author has never seen the service; 2 by default (Yin et al. 2011).
        stranger_errors: Option<Spanned<f64>>,
        /// Giving an order by hand; `Lognormal(mean: "1m", cv: 0.5)` by default (one minute of clicking in the Rust registry's
        /// postmortem of 2023-07-20).
        hands_on: Option<Drawn>,
        /// What an interruption costs somebody who writes code; `Lognormal(mean: "1785s", cv: 3.58)` by default: a median of 8
        /// minutes, 10% within one (Parnin and Rugaber 2011).
        resumes_writing: Option<Drawn>,
        /// What it costs somebody who looks for a cause; `Lognormal(mean: "222s", cv: 0.8)` by default, a median of 3 minutes.
        resumes_looking: Option<Drawn>,
        /// The most an interruption costs; 20m by default.
        resumes_at_most: Option<Spanned<SimDuration>>,
        /// How near to the end of their time-box an interruption costs nothing; 1m by default.
        natural_break: Option<Spanned<SimDuration>>,
        /// The chance that a task meets something its owner cannot get past alone; 25% by default.
        blocked: Option<Spanned<Ratio>>,
        /// How long somebody who is blocked and will say so takes until they do; `Lognormal(mean: "3m", cv: 0.8)` by default.
        hesitates: Option<Drawn>,
        /// How long somebody who is blocked takes who tries alone; `Lognormal(mean: "30m", cv: 0.6)` by default.
        alone: Option<Drawn>,
        /// How long the help takes once the lead knows; 2m by default.
        help: Option<Spanned<SimDuration>>,
        /// How much shorter the work on a fix gets when its time-box is shorter than its author's estimate; 15% by default.
        haste_saves: Option<Spanned<Ratio>>,
        /// How many times as likely such a fix is wrong; 1.5 by default.
        haste_errors: Option<Spanned<f64>>,
        /// How long the author of a fix watches what it does before they judge it; 6m by default, an assumption: instruments show the last
        /// five minutes.
        watches: Option<Spanned<SimDuration>>,
        /// How freely people speak at the start: it multiplies the chance that they speak up, and divides how long they hesitate; 100%
        /// by default, an assumption.
        candour: Option<Spanned<Ratio>>,
        /// The share of what is missing to speaking freely that comes back with thanks for bad news; 25% by default, an assumption
        /// (that it matters: Edmondson 1999).
        thanks_raise: Option<Spanned<Ratio>>,
        /// The share of speaking freely that is lost with blame for bad news; 40% by default, an assumption.
        blame_costs: Option<Spanned<Ratio>>,
        /// How much of either reaches the others in the channel; 30% by default, an assumption.
        overhears: Option<Spanned<Ratio>>,
        /// The chance that a fact arrives whose part was told when the lead was handed over; 85% by default, an assumption (that
        /// structure helps: I-PASS, Starmer et al. 2014).
        arrives_told: Option<Spanned<Ratio>>,
        /// The chance that a fact arrives whose part was told and read back; 95% by default, an assumption.
        arrives_read_back: Option<Spanned<Ratio>>,
        /// The chance that a fact arrives whose part was not told; 40% by default, an assumption.
        arrives_untold: Option<Spanned<Ratio>>,
        /// The share of the work done on a task that whoever takes it over can use, for each part that was told; 15% by default, an
        /// assumption.
        explained_keeps: Option<Spanned<Ratio>>,
        /// How long somebody who was called takes, when they have read up, to find out whether it is theirs;
        /// `Lognormal(mean: "5m", cv: 0.8)` by default, an assumption (that it is often somebody else's: Chen et al. 2019).
        triage: Option<Drawn>,
    }
}
