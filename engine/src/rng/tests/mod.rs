//! Streams and keys: what is named or numbered differently is unrelated, what is named alike is equal.

pub(crate) mod goodness;

use rand::Rng as _;

use self::goodness::{Z_BOUND, chi_square_z, correlation_z, grid_z, wilson_hilferty};
use super::{Key, stream, unit};

const PAIRS: usize = 100_000;

type Name = (u64, u64, &'static str, u32);

fn words((seed, luck, purpose, id): Name) -> Vec<u64> {
    let mut stream = stream(seed, luck, purpose, id);
    (0..20_000).map(|_| stream.next_u64()).collect()
}

/// How far the 64 bits are from being fair coins, as a standard normal.
fn bits_z(words: impl Iterator<Item = u64>) -> f64 {
    let (mut ones, mut n) = ([0_u64; 64], 0.0);
    for word in words {
        n += 1.0;
        for (bit, count) in ones.iter_mut().enumerate() {
            *count += word >> bit & 1;
        }
    }
    let excess = ones.iter().map(|&count| 2.0 * count as f64 - n);
    wilson_hilferty(excess.map(|x| x * x / n).sum(), 64.0)
}

fn assert_unrelated(pairs: &[(f64, f64)], what: &str) {
    let (line, grid) = (correlation_z(pairs), grid_z(pairs));
    assert!(line.abs() < Z_BOUND && grid < Z_BOUND, "{what}: correlation z {line}, grid z {grid}");
}

fn pairs(pair: impl Fn(u64) -> (f64, f64)) -> Vec<(f64, f64)> {
    (0..PAIRS as u64).map(pair).collect()
}

/// The keys of a population's arrivals as the model makes them: numbered children of a named key.
fn numbered((seed, luck, purpose, id): Name) -> impl Iterator<Item = Key> {
    let parent = Key::named(seed, luck, purpose, id);
    (0..).map(move |number| parent.child(number))
}

#[test]
fn a_unit_is_never_zero_or_one() {
    assert_eq!(unit(0), 1.0 / (1_u64 << 53) as f64);
    assert_eq!(unit(u64::MAX), 1.0 - 1.0 / (1_u64 << 53) as f64);
    assert_eq!(unit(1 << 63) - 0.5, 1.0 / (1_u64 << 53) as f64);
}

#[test]
fn one_name_gives_one_stream() {
    assert_eq!(words((7, 0, "arrivals", 3)), words((7, 0, "arrivals", 3)));
    assert_eq!(Key::named(7, 0, "arrivals", 3), Key::new(words((7, 0, "arrivals", 3))[0]));
}

#[test]
fn the_bits_of_a_stream_are_fair() {
    let fair = words((7, 0, "arrivals", 3));
    assert!(bits_z(fair.iter().copied()) < Z_BOUND);
    let biased = fair.iter().zip(&fair[1..]).zip(&fair[2..]).map(|((a, b), c)| a & b | c & b | a & c & b);
    assert!(bits_z(fair.iter().map(|word| word & !1)) > Z_BOUND, "control: one dead bit");
    assert!(bits_z(biased.map(|word| word | word >> 7)) > Z_BOUND, "control: biased bits");
}

/// A name, and others that differ from it in one part.
fn names() -> (Name, [Name; 9]) {
    let others = [
        (8, 0, "arrivals", 3),
        (7 << 32, 0, "arrivals", 3),
        (0, 7, "arrivals", 3),
        (7, 1, "arrivals", 3),
        (7, 0, "arrival", 3),
        (7, 0, "thinking", 3),
        (7, 0, "", 3),
        (7, 0, "arrivals", 4),
        (7, 3, "arrivals", 0),
    ];
    ((7, 0, "arrivals", 3), others)
}

#[test]
fn streams_that_differ_in_one_part_of_their_name_are_unrelated() {
    let (base, others) = names();
    let reference = words(base);
    for name in others {
        let other = words(name);
        let differing = reference.iter().zip(&other).map(|(a, b)| a ^ b);
        assert!(bits_z(differing) < Z_BOUND, "{name:?} against {base:?}");
        let units: Vec<_> = reference.iter().zip(&other).map(|(&a, &b)| (unit(a), unit(b))).collect();
        assert_unrelated(&units, &format!("{name:?} against {base:?}"));
    }
}

/// As arrivals have them: the keys of one population among each other, and those of two populations, seeds or lucks.
#[test]
fn numbered_keys_are_fair_and_unrelated() {
    let (base, others) = names();
    let bits = |name| numbered(name).take(20_000).map(|key: Key| key.rng(4).next_bits());
    let units = |name| numbered(name).take(PAIRS).map(|key: Key| key.rng(4).uniform()).collect::<Vec<_>>();
    assert!(bits_z(bits(base)) < Z_BOUND);
    let reference = units(base);
    for lag in [1, 2, 8] {
        let pairs: Vec<_> = reference.iter().copied().zip(reference[lag..].iter().copied()).collect();
        assert_unrelated(&pairs, &format!("arrivals {lag} apart"));
    }
    for name in others {
        assert!(bits_z(bits(base).zip(bits(name)).map(|(a, b)| a ^ b)) < Z_BOUND, "{name:?} against {base:?}");
        let pairs: Vec<_> = reference.iter().copied().zip(units(name)).collect();
        assert_unrelated(&pairs, &format!("{name:?} against {base:?}"));
    }
}

#[test]
fn related_streams_would_be_found() {
    let reference = words((7, 0, "arrivals", 3));
    let blended: Vec<_> =
        reference.iter().zip(&reference[1..]).map(|(&a, &b)| (unit(a), 0.1 * unit(a) + 0.9 * unit(b))).collect();
    assert!(correlation_z(&blended) > Z_BOUND);
    assert!(grid_z(&blended) > Z_BOUND);
}

#[test]
fn the_sites_of_a_key_are_unrelated_over_keys() {
    let keys: Vec<_> = numbered((1, 0, "keys", 0)).take(PAIRS).collect();
    let over_keys = |pair: &dyn Fn(Key) -> (f64, f64)| -> Vec<_> { keys.iter().map(|&key| pair(key)).collect() };
    for (a, b) in [(0, 1), (1, 2), (0, 2), (1, 1 << 32), (3, u64::MAX)] {
        let pairs = over_keys(&|key| (key.rng(a).uniform(), key.rng(b).uniform()));
        assert_unrelated(&pairs, &format!("sites {a} and {b}"));
    }
    let parent_and_child = over_keys(&|key| (key.rng(1).uniform(), key.child(1).rng(1).uniform()));
    assert_unrelated(&parent_and_child, "a site and the same site of its child");
    let crossed = over_keys(&|key| (key.child(1).rng(2).uniform(), key.child(2).rng(1).uniform()));
    assert_unrelated(&crossed, "1 then 2, and 2 then 1");
    let cousins = over_keys(&|key| (key.child(1).child(2).rng(3).uniform(), key.child(4).child(2).rng(3).uniform()));
    assert_unrelated(&cousins, "the same place below two children");
    let successive = over_keys(&|key| {
        let mut rng = key.rng(1);
        (rng.uniform(), rng.uniform())
    });
    assert_unrelated(&successive, "two draws at one site");
}

#[test]
fn consecutive_sites_of_one_key_are_equidistributed() {
    for key in [Key::new(0), Key::new(1), Key::new(u64::MAX), Key::named(7, 0, "keys", 0)] {
        assert!(bits_z((0..20_000).map(|site| key.rng(site).next_bits())) < Z_BOUND, "{key:?}");
        let mut counts = [0; 256];
        for site in 0..PAIRS as u64 {
            counts[(key.rng(site).uniform() * 256.0) as usize] += 1;
        }
        assert!(chi_square_z(&counts, |_| 1.0 / 256.0) < Z_BOUND, "{key:?}");
        let neighbours = pairs(|site| (key.rng(site).uniform(), key.rng(site + 1).uniform()));
        assert_unrelated(&neighbours, "neighbouring sites");
        let crossing = pairs(|site| {
            let mut rng = key.rng(site);
            rng.next_bits();
            (rng.uniform(), key.rng(site + 1).uniform())
        });
        assert_unrelated(&crossing, "the second draw at a site and the first at the next");
    }
}

#[test]
fn consecutive_keys_are_equidistributed_at_one_site() {
    let neighbours = pairs(|bits| (Key::new(bits).rng(5).uniform(), Key::new(bits + 1).rng(5).uniform()));
    assert_unrelated(&neighbours, "keys that differ by one");
}

#[test]
fn no_two_children_of_nearby_keys_and_sites_collide() {
    let mut children: Vec<u64> =
        (0..300).flat_map(|bits| (0..300).map(move |site| Key::new(bits).child(site).0)).collect();
    children.sort_unstable();
    children.dedup();
    assert_eq!(children.len(), 90_000);
}
