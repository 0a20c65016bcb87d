//! A second opinion on a server under test: what a mainstream HTTP client makes of its answer.
//!
//! The instrument reads raw bytes and forgives much; this client is independent of our codec, so
//! that a target which only our codec can read, or only our codec cannot, is noticed.

use std::time::Duration;

use reqwest::redirect::Policy;

/// One sentence for people about what the client saw.
pub async fn second_opinion(address: &str, limit: Duration) -> String {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(limit)
        .http1_only()
        .build();
    let answer = match client {
        Ok(client) => client.get(format!("http://{address}/")).send().await,
        Err(why) => return format!("no second opinion: {why}"),
    };
    match answer {
        Ok(response) => format!(
            "an independent HTTP client reads status {}",
            response.status().as_u16()
        ),
        Err(why) if why.is_timeout() => "an independent HTTP client gets no answer".to_owned(),
        Err(_) => "an independent HTTP client cannot read the answer".to_owned(),
    }
}
