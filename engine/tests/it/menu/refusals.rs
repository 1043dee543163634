//! Names and arguments that are wrong are refused with what would be right, and change nothing but the log.

use brownout::response::{Actor, Command};

use super::{act, shop};

/// What is said to a command that is refused.
#[track_caller]
fn refused(option: &str, arguments: &[&str]) -> String {
    let mut simulation = shop(1, 20.0);
    let before = simulation.digest();
    let why = simulation.command(Actor::Lead, act(option, arguments)).expect_err("it makes no sense").to_string();
    assert_eq!((simulation.digest(), simulation.orders().len()), (before, 0));
    assert_eq!(simulation.commands()[0].refused.as_deref(), Some(why.as_str()));
    why
}

#[test]
fn names_that_are_not_on_the_menu_are_told_the_nearest() {
    assert_eq!(refused("restrat api", &[]), "\"restrat api\" is not on the menu now; did you mean `restart api`?");
    assert_eq!(refused("xyzzy", &[]), "\"xyzzy\" is not on the menu now");
    assert!(refused(&"x".repeat(100_000), &[]).len() < 100);
    // Nothing was deployed there.
    assert_eq!(refused("roll-back mail", &[]), "there is no earlier version to roll back to");
}

#[test]
fn arguments_are_told_their_range_and_an_example() {
    assert_eq!(
        refused("shed api", &["share=150%"]),
        "shed api: share: \"150%\" is out of range; from 0% to 100%, such as share=50%"
    );
    assert_eq!(
        refused("shed api", &["share=50"]),
        "shed api: share: \"50\": write 50% for 50 in a hundred, or as a percentage; from 0% to 100%, such as share=50%"
    );
    assert_eq!(
        refused("scale-out api", &["add=0"]),
        "scale-out api: add: \"0\" is out of range; from 1 to 36, such as add=1"
    );
    assert_eq!(
        refused("shed api", &["population=wbe"]),
        "shed api: population: \"wbe\" is none of the choices, did you mean `web`?; one of all, web, such as population=all"
    );
    assert_eq!(
        refused("set-timeout api->db", &["value=100"]),
        "set-timeout api->db: value: \"100\": write 100ms, 100s, 100m; from 1ms to 1h, such as value=1s"
    );
    assert_eq!(
        refused("set-timeout api->db", &[]),
        "set-timeout api->db: value must be given; from 1ms to 1h, such as value=1s"
    );
    assert_eq!(
        refused("rate-limit api", &["rate=fast"]).split("; ").last(),
        Some("from 0.1/s to 1000000/s, or none, such as rate=100/s")
    );
    assert_eq!(
        refused("hotfix patch", &["testing=production"]),
        "hotfix patch: testing: \"production\" is none of the choices; one of none, staging, such as testing=none"
    );
}

#[test]
fn parameters_that_an_option_does_not_have_are_told_those_it_has() {
    assert_eq!(
        refused("scale-out api", &["ad=2"]),
        "scale-out api: it has no parameter called \"ad\"; did you mean `add`?"
    );
    assert_eq!(
        refused("restart api", &["share=50%"]),
        "restart api: it has no parameter called \"share\"; it takes none"
    );
}

#[test]
fn arguments_stand_in_the_log_only_where_there_are_some() {
    let json = |command: &Command| serde_json::to_string(command).unwrap();
    assert_eq!(json(&Command::act("restart api", "")), r#"{"act":{"option":"restart api"}}"#);
    let shed = act("shed api", &["share=50%"]);
    assert_eq!(json(&shed), r#"{"act":{"option":"shed api","arguments":{"share":"50%"},"reason":"because"}}"#);
    assert_eq!(serde_json::from_str::<Command>(&json(&shed)).unwrap(), shed);
}
