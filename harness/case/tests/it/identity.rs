//! The identity that a client uses: IMPI, or the TMPI of the last run that the play completed. The
//! TMPI is the published one (`gba_kdf.tmpi`), and one computed for the second RAND of
//! `ub_resync_flow` with another library.

use rstest::rstest;

use crate::world::{From, Play, scene};

const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
const TMPI: &str = "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org";
const SECOND_NONCE: &str = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";
const SECOND_TMPI: &str = "qQUWRBADsRhGR853O1DWD0UQO26lBwcb@tmpi.bsf.3gppnetwork.org";
const IMPI: &str = "user1_private@home1.net";

fn request(username: &str, nonce: &str, response: &str) -> String {
    format!(
        "GET / HTTP/1.1\nHost: bsf.home1.net\nAuthorization: Digest username=\"{username}\", realm=\"bsf.home1.net\", nonce=\"{nonce}\", uri=\"/\", response=\"{response}\"\n\n"
    )
}

/// A run of this nonce under this name, with the status of its end.
fn run(play: &mut Play, username: &str, nonce: &str, status: u16) {
    play.add(
        From::Target,
        &request(username, nonce, "c3010b8b0c8fe3d6425a4d50b6a66ba8"),
    );
    play.add(
        From::Harness,
        &format!("HTTP/1.1 {status} X\nContent-Length: 0\n\n"),
    );
}

#[rstest]
#[case::impi(&[], IMPI, "impi")]
#[case::impi_after_a_run(&[(IMPI, NONCE, 200)], IMPI, "impi")]
#[case::tmpi(&[(IMPI, NONCE, 200)], TMPI, "tmpi")]
#[case::tmpi_of_no_run(&[], TMPI, "other")]
#[case::tmpi_of_a_run_that_failed(&[(IMPI, NONCE, 403)], TMPI, "other")]
#[case::tmpi_of_the_second_run(&[(IMPI, NONCE, 200), (TMPI, SECOND_NONCE, 200)], SECOND_TMPI, "tmpi")]
#[case::tmpi_of_the_run_before(&[(IMPI, NONCE, 200), (TMPI, SECOND_NONCE, 200)], TMPI, "other")]
#[case::tmpi_with_another_suffix(&[(IMPI, NONCE, 200)], "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@bsf.home1.net", "other")]
#[case::impi_of_another(&[], "user2_private@home1.net", "other")]
fn names_the_identity(
    #[case] runs: &[(&str, &str, u16)],
    #[case] username: &str,
    #[case] identity: &str,
) {
    let scene = scene("names: { bsf: bsf.home1.net }\n");
    let mut play = Play::default();
    for (username, nonce, status) in runs {
        run(&mut play, username, nonce, *status);
    }
    let index = play.add(From::Target, &request(username, "", ""));
    let fact = play.fact(&scene, index, "credentials.identity");
    assert_eq!(fact.as_deref(), Some(identity));
}

/// The key of a challenge is the one of the subscriber behind the TMPI.
#[test]
fn finds_the_subscriber_behind_a_tmpi() {
    let two = "\
subscribers:
  - impi: user2_private@home1.net
    k: \"fec86ba6eb707ed08905757b1bb44b8f\"
    opc: \"1006020f0a478bf6b699f15c062e42b3\"
  - impi: user1_private@home1.net
    k: \"465b5ce8b199b49faa5f0a2ee238a6bc\"
    opc: \"cd63cb71954a9f4e48a5994e37a02baf\"
";
    let scene = crate::world::scene_with(two);
    let mut play = Play::default();
    run(&mut play, IMPI, NONCE, 200);
    play.add(From::Target, &request(TMPI, "", ""));
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"{SECOND_NONCE}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\n\n"
    );
    let index = play.add(From::Harness, &challenge);
    let fact = play.fact(&scene, index, "challenge.mac");
    assert_eq!(fact.as_deref(), Some("valid"));
}
