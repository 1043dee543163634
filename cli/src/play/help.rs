//! What can be typed.

/// What can be typed, in 80 columns.
pub(super) const HELP: &str = "\
Acting on the system: an option of the menu, as `menu` lists them
  roll-back registry                       take an option
  shed api share=50%                       with an argument; what is left out is taken by default
  roll-back registry by mira for 10m       hand it to somebody, with a time-box
  restart api because it leaks             with a reason, for the record
  ... confident 70% expect 4m              how sure you are, and by when it should have worked: for the record
  ... weighed roll-back api, wait          what else you thought of
  ... criteria time 3, risk 1              what counted, and how much
  trigger if error-ratio of api above 2% at 10:15 then roll-back api
                                           decide now what is done then; `.. for 3m until 10:15 then ..` if it lasts
  withdraw 0                               take a trigger back
Looking closer: it takes somebody's time, and what was shown is kept
  looks                what can be asked, of what, and how long it takes
  look errors registry look yourself; `by mira` has somebody else look
  investigate registry by mira for 10m     have somebody look for the cause
  evidence             what was seen so far, and what was concluded
Leading people
  page platform        call whoever is on call for a team, or one person
  check 2              ask the owner of a task how it goes
  reassign 2 jonas     give a task to somebody else
  reassign 2 jonas told summary,actions    the same, explained: some of what was done can be used
  answer 12 thank      answer bad news: thank, neutral, blame
  hand over mira told severity,summary,actions,contingencies,read-back
                       somebody else leads; what is not told may be lost
  cancel 2             call a task off
  release mira         let somebody go
  declare 2            say that it is an incident, and how bad: 1 (the worst) to 5
Telling others: status-page, executives, support, engineering
  say status-page impact=most scope=registry cause=unknown action=\"rolling back\" next=20m
  say support resolved by mira
    impact: none, few, some, most   cause: unknown, suspected:SERVICE, known:SERVICE
Time
  wait 5m              run ahead until something comes up, or for so long
  note TEXT            a remark for the record
  pause, go            stop the clock and let it run (not in assess mode)
  speed 4x             1x, 2x, 4x, 10x, 60x
In coach mode
  hint                 a question that helps to see; one every three minutes
  rewind 5m, rewind to 12:30      go back, and try something else from there
In assess mode, when everything stands still and you are asked
  reply errors=40% begins=links likely=70%       what you leave out is not answered
  decline              answer nothing
Showing more
  status, charts, alerts, people, tasks, news, changes, menu, looks, evidence,
  story, help
Ending
  quit                 end the session; its summary is printed
  leave                leave it open: brownout play --resume FILE goes on with it
Running the exercise, at the same keyboard
  facilitator stop, facilitator go         stop every clock, in every mode
  facilitator inject Ana: what do I say?   send a message in; with takes=2m before it
  facilitator note TEXT, facilitator bookmark TEXT, facilitator mark command+ TEXT
  facilitator notes    what was noted so far
";
