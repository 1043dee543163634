//! The bits of a few draws of every family.
//!
//! They lock the draws across platforms, compilers, optimisation levels and releases of libm: recorded scenarios and
//! golden digests stand on them. They were printed once by this implementation, after the tests beside this file had
//! shown that its draws are right; they say nothing about being right themselves. If they change, every recorded run
//! changes, which is a new format version and not a refreshed constant.

use crate::rng::{Distribution, DistributionError, Key};

type Built = Result<Distribution, DistributionError>;

/// The first draw at sites 0 to 3 of one key.
fn first_bits(law: Built) -> [u64; 4] {
    let law = law.expect("allowed");
    [0, 1, 2, 3].map(|site| law.sample(&mut Key::new(0x0123_4567_89ab_cdef).rng(site)).to_bits())
}

#[test]
fn draws_have_the_same_bits_on_every_platform() {
    let expected: [(&str, Built, [u64; 4]); 12] = [
        (
            "constant",
            Distribution::constant(2e6),
            [0x413e_8480_0000_0000, 0x413e_8480_0000_0000, 0x413e_8480_0000_0000, 0x413e_8480_0000_0000],
        ),
        (
            "uniform",
            Distribution::uniform(1e6, 5e6),
            [0x4136_ff07_ec6d_f290, 0x414b_b757_13cc_7efa, 0x4143_f396_2a91_093b, 0x414b_18c9_6c4e_ba0c],
        ),
        (
            "exponential",
            Distribution::exponential(5e6),
            [0x4124_af2a_c425_9731, 0x4154_79e4_d3a5_8833, 0x4143_ba1a_7e0e_be0d, 0x4153_603f_a6ae_3340],
        ),
        (
            "erlang",
            Distribution::erlang(20, 5e6),
            [0x4151_40f3_7eaa_aa17, 0x414a_216a_fc2f_30ab, 0x4159_6ea2_f9ec_8cec, 0x4151_d192_1a0d_fe1e],
        ),
        (
            "hyperexponential",
            Distribution::hyperexponential(&[(3.0, 1e6), (1.0, 9e6), (2.0, 4e6)]),
            [0x411b_3784_c156_0cf3, 0x4141_1397_5379_0e72, 0x410d_e709_b44c_8136, 0x413b_ad57_b440_a5e2],
        ),
        (
            "truncated normal",
            Distribution::truncated_normal(5e6, 2e6, 1e6, 8e6),
            [0x4145_8950_09a6_ec5e, 0x4155_71c1_b529_4dc1, 0x4150_f31a_48d0_a90c, 0x4155_137e_ab8d_a880],
        ),
        (
            "lognormal",
            Distribution::lognormal(5e6, 0.8),
            [0x413a_afd2_622b_9eb6, 0x4153_d695_eacb_3362, 0x4149_18ef_9321_3554, 0x4153_16f0_86b6_a505],
        ),
        (
            "bounded pareto",
            Distribution::bounded_pareto(1.5, 1e6, 1e9),
            [0x4130_b3b0_c8e1_5f47, 0x413f_3651_3eae_020b, 0x4135_8a26_1487_d309, 0x413e_08ea_d1b8_030e],
        ),
        (
            "weibull",
            Distribution::weibull(1.5, 5e6),
            [0x4134_21fc_1691_ba89, 0x4153_ff5b_a323_67d8, 0x4148_93ae_f8a5_80f3, 0x4153_464d_147e_449e],
        ),
        (
            "gamma",
            Distribution::gamma(2.5, 2e6),
            [0x413a_f33c_1e3b_0f35, 0x4155_8af5_d201_00be, 0x414b_e2bc_616f_e46d, 0x4154_d17c_1581_9ea0],
        ),
        (
            "gamma below one",
            Distribution::gamma_by_cv(5e6, 2.0),
            [0x40cf_cc18_af9a_c394, 0x4122_8070_155e_b6c8, 0x3feb_3b33_7a08_b412, 0x40bc_7780_9959_74c3],
        ),
        (
            "empirical",
            Distribution::empirical(&[(1e6, 1.0), (2e6, 2.0), (3e6, 1.0), (9e6, 0.5)]),
            [0x412e_8480_0000_0000, 0x413e_8480_0000_0000, 0x413e_8480_0000_0000, 0x413e_8480_0000_0000],
        ),
    ];
    for (name, law, bits) in expected {
        assert_eq!(first_bits(law).map(Hexadecimal), bits.map(Hexadecimal), "{name}");
    }
}

/// Bits that print as they are written above.
#[derive(PartialEq)]
struct Hexadecimal(u64);

impl std::fmt::Debug for Hexadecimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}
