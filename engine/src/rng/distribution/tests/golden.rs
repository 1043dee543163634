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
            [0x4151_cb17_d68d_613f, 0x4132_e793_472f_75e8, 0x4152_175b_7283_4708, 0x4132_38d3_987a_334c],
        ),
        (
            "exponential",
            Distribution::exponential(5e6),
            [0x4167_a23b_a204_e593, 0x4112_cbd0_30e3_a483, 0x416a_28f1_75f6_c2d1, 0x410e_6017_65e9_962f],
        ),
        (
            "erlang",
            Distribution::erlang(20, 5e6),
            [0x415b_eaaa_d75e_31f4, 0x414e_afd2_dff2_b22e, 0x4158_398a_7de9_400c, 0x4156_f23f_c105_1fcc],
        ),
        (
            "hyperexponential",
            Distribution::hyperexponential(&[(3.0, 1e6), (1.0, 9e6), (2.0, 4e6)]),
            [0x4138_f671_467f_dfd8, 0x4126_6562_1420_8c81, 0x415a_2760_bc95_d393, 0x4121_7161_7f3c_6556],
        ),
        (
            "truncated normal",
            Distribution::truncated_normal(5e6, 2e6, 1e6, 8e6),
            [0x415b_3508_9cfa_8d77, 0x4140_68b3_51f1_a71d, 0x415b_d5a8_898a_a860, 0x413e_8d2c_8bc3_e838],
        ),
        (
            "lognormal",
            Distribution::lognormal(5e6, 0.8),
            [0x4163_a5c5_85b6_2d64, 0x4133_ed8a_bb5c_e493, 0x4165_ad39_230f_8231, 0x4132_8c23_ee2c_3971],
        ),
        (
            "bounded pareto",
            Distribution::bounded_pareto(1.5, 1e6, 1e9),
            [0x4153_e68b_6122_7e0b, 0x412f_cbf4_2068_ed58, 0x4157_be14_d65c_fe2a, 0x412f_8c0a_cf7a_0cd5],
        ),
        (
            "weibull",
            Distribution::weibull(1.5, 5e6),
            [0x4161_76e5_d9e0_5cad, 0x4127_cc2d_59ac_75b4, 0x4162_b012_95ad_1cb6, 0x4124_a51c_dbd1_d900],
        ),
        (
            "gamma",
            Distribution::gamma(2.5, 2e6),
            [0x4162_ae6d_62a0_ef90, 0x4131_f121_b0d4_0223, 0x4164_10c8_bec7_767b, 0x4130_1686_a1be_3467],
        ),
        (
            "gamma below one",
            Distribution::gamma_by_cv(5e6, 2.0),
            [0x40f1_4cf8_8810_a5a0, 0x4134_0b9c_21b4_88c7, 0x411c_3a24_ff47_fc9b, 0x40af_04ea_10ea_8753],
        ),
        (
            "empirical",
            Distribution::empirical(&[(1e6, 1.0), (2e6, 2.0), (3e6, 1.0), (9e6, 0.5)]),
            [0x4161_2a88_0000_0000, 0x412e_8480_0000_0000, 0x4161_2a88_0000_0000, 0x412e_8480_0000_0000],
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
