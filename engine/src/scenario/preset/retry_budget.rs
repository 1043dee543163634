//! Retry budgets.

use super::{Mechanism, Preset, RetryBudget, Settings, issues};
use crate::model::{MilliTokens, RetryBudgetSpec};

impl Mechanism for RetryBudget {
    type Spec = Option<RetryBudgetSpec>;
    const NAME: &'static str = "RetryBudget";
    const PRESETS: &'static [Preset<Option<RetryBudgetSpec>>] = &[
        Preset { name: "ratio", source: "a bucket filled by first tries", read: ratio },
        Preset { name: "none", source: "no budget: retries are limited only by their number", read: |_| None },
        Preset { name: "aws-legacy", source: "botocore 1.43.67, RetryQuota, before 2026", read: aws_legacy },
        Preset { name: "aws-2026", source: "botocore 1.44.0, default since 2026-11-10", read: aws_2026 },
        Preset { name: "grpc", source: "gRPC proposal A6, retryThrottling", read: grpc },
        Preset { name: "finagle", source: "Finagle, RetryBudget (commit 4feb34c, 2024-10)", read: finagle },
    ];

    fn validate(spec: &Option<RetryBudgetSpec>) -> Vec<(&'static str, String, String)> {
        issues(spec.iter().flat_map(RetryBudgetSpec::validate).collect())
    }
}

fn ratio(settings: &mut Settings<'_>) -> Option<RetryBudgetSpec> {
    let (mut per_first_try, mut capacity) = (MilliTokens::new(100), MilliTokens::whole(10));
    settings.tokens(
        "per_first_try",
        &mut per_first_try,
        true,
        "what a first try adds; 0.1 limits amplification to 1.1",
    );
    settings.tokens("capacity", &mut capacity, false, "the most the bucket holds; a retry costs 1");
    let mut initial = capacity;
    settings.tokens("initial", &mut initial, false, "what it holds at the start; by default it is full");
    Some(RetryBudgetSpec::Ratio { per_first_try, capacity, initial })
}

fn aws_legacy(settings: &mut Settings<'_>) -> Option<RetryBudgetSpec> {
    Some(aws(RetryBudgetSpec::aws_legacy(), settings))
}

fn aws_2026(settings: &mut Settings<'_>) -> Option<RetryBudgetSpec> {
    Some(aws(RetryBudgetSpec::aws_2026(), settings))
}

fn aws(mut spec: RetryBudgetSpec, settings: &mut Settings<'_>) -> RetryBudgetSpec {
    if let RetryBudgetSpec::AwsTokenBucket { capacity, cost_transient, cost_timeout, cost_throttling, success_refund } =
        &mut spec
    {
        settings.tokens("capacity", capacity, false, "tokens in the full bucket, with which it starts");
        settings.tokens("cost_transient", cost_transient, false, "the cost of a retry after any other error");
        settings.tokens("cost_timeout", cost_timeout, false, "the cost of a retry after a time-out");
        settings.tokens("cost_throttling", cost_throttling, false, "the cost of a retry after being throttled");
        settings.tokens("success_refund", success_refund, false, "what a success without a retry adds");
    }
    spec
}

fn grpc(settings: &mut Settings<'_>) -> Option<RetryBudgetSpec> {
    let (mut max_tokens, mut token_ratio) = (MilliTokens::whole(10), MilliTokens::new(100));
    settings.tokens("maxTokens", &mut max_tokens, true, "tokens in the full bucket; retries stop at half of it");
    settings.tokens("tokenRatio", &mut token_ratio, true, "what a success adds; a failure takes 1");
    Some(RetryBudgetSpec::GrpcThrottling { max_tokens, token_ratio })
}

fn finagle(settings: &mut Settings<'_>) -> Option<RetryBudgetSpec> {
    let mut spec = RetryBudgetSpec::finagle();
    if let RetryBudgetSpec::Finagle { percent_can_retry, min_retries_per_sec, ttl } = &mut spec {
        settings.share("percentCanRetry", percent_can_retry, "retries per request; in spite of its name a fraction");
        settings.count("minRetriesPerSec", min_retries_per_sec, "the reserve, in retries a second");
        settings.span("ttl", ttl, "how long requests and retries count");
    }
    Some(spec)
}
