//! Conversations whose every digit is known: set 1 of TS 35.207 with the message tables of
//! TS 24.109 Annexes A, B and E.

use gbaspec_crypto::token::Rand;

use super::world::{Usim, World};
use crate::bsf::{self, BsfPolicy, VectorSeed};
use crate::role::{Action, ClientOutcome};
use crate::ua::UaPolicy;
use crate::ue::pki::PkiPolicy;
use crate::ue::{self, Freshness, UePolicy};

/// RAND of set 1, then RAND of set 2.
fn known_rands() -> BsfPolicy {
    BsfPolicy {
        choose_vector: |choice| VectorSeed {
            rand: match choice.previous {
                None => Rand::from(0x2355_3cbe_9637_a89d_218a_e64d_ae47_bf35_u128.to_be_bytes()),
                Some(_) => Rand::from(0xc00d_6031_03dc_ee52_c447_8119_4942_02e8_u128.to_be_bytes()),
            },
            ..bsf::choose_vector(choice)
        },
        ..BsfPolicy::default()
    }
}

fn known_cnonce() -> UePolicy {
    UePolicy {
        freshness: |facts| Freshness {
            cnonce: "6629fae49393a05397450978507c4ef1".to_owned(),
            ..ue::freshness(facts)
        },
        // The request body of ua_pki_e4_flow.
        pki: PkiPolicy {
            certification_request: |_| {
                b"-----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n"
                    .to_vec()
            },
            ..PkiPolicy::default()
        },
        ..UePolicy::default()
    }
}

fn known_nonce() -> UaPolicy {
    UaPolicy {
        nonce: |_| "6629fae49393a05397450978507c4ef1".to_owned(),
        ..UaPolicy::default()
    }
}

fn world(usim: Usim) -> World {
    World::with_usim(usim, &known_rands(), &known_nonce(), &known_cnonce())
}

#[test]
fn bootstraps_to_the_digit() {
    let mut world = world(Usim::InStep);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert_eq!(world.wire.len(), 4);
    assert_eq!(
        world.text(0),
        "GET / HTTP/1.1\r\n\
         Host: bsf.home1.net\r\n\
         User-Agent: Bootstrapping Client Agent; Release-6; 3gpp-gba-tmpi\r\n\
         Date: Thu, 08 Jan 2004 10:13:17 GMT\r\n\
         Accept: */*\r\n\
         Authorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\"\"\r\n\
         \r\n"
    );
    assert_eq!(
        world.text(1),
        "HTTP/1.1 401 Unauthorized\r\n\
         Server: Bootstrapping Server; Release-6; 3gpp-gba-tmpi\r\n\
         Date: Thu, 08 Jan 2004 10:13:17 GMT\r\n\
         WWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", algorithm=AKAv1-MD5, qop=\"auth-int\"\r\n\
         Content-Length: 0\r\n\
         \r\n"
    );
    assert!(world.text(2).contains(
        "Authorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", \
         nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", qop=auth-int, \
         nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", \
         response=\"c3010b8b0c8fe3d6425a4d50b6a66ba8\", algorithm=AKAv1-MD5\r\n"
    ));
    assert_eq!(
        world.text(3),
        "HTTP/1.1 200 OK\r\n\
         Server: Bootstrapping Server; Release-6; 3gpp-gba-tmpi\r\n\
         Date: Thu, 08 Jan 2004 10:13:17 GMT\r\n\
         Authentication-Info: qop=auth-int, rspauth=\"555af6499afdd4138f23c23ab0e0a81f\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001\r\n\
         Expires: Fri, 09 Jan 2004 10:13:17 GMT\r\n\
         Cache-Control: no-store\r\n\
         Content-Type: application/vnd.3gpp.bsf+xml\r\n\
         Content-Length: 199\r\n\
         \r\n\
         <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <BootstrappingInfo xmlns=\"uri:3gpp-gba\">\n  \
         <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>\n  \
         <lifetime>2004-01-09T10:13:17Z</lifetime>\n\
         </BootstrappingInfo>\n"
    );
    assert_eq!(
        world.ue.btid(world.now),
        Some("I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net")
    );
}

#[test]
fn resynchronises_to_the_digit() {
    let mut world = world(Usim::Ahead);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert_eq!(world.wire.len(), 6);
    assert!(
        world
            .text(1)
            .contains("nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\"")
    );
    assert!(world.text(2).contains(
        "nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", qop=auth-int, \
         nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", \
         response=\"0c6b780251d1cc17f1efdcbe83e90720\", algorithm=AKAv1-MD5, \
         auts=\"uoU/PBLcTIsCWhx6zb8=\"\r\n"
    ));
    assert!(world.text(3).starts_with("HTTP/1.1 401 "));
    assert!(
        world
            .text(3)
            .contains("nonce=\"wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=\"")
    );
    assert!(
        world
            .text(4)
            .contains("response=\"0e5048da9a982cf359b3ddba9391fd56\"")
    );
    assert!(!world.text(4).contains("auts"));
    assert!(
        world
            .text(5)
            .contains("<btid>wA1gMQPc7lLER4EZSUIC6A==@bsf.home1.net</btid>")
    );
}

#[test]
fn fetches_the_page_to_the_digit() {
    let mut world = world(Usim::InStep);
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
    assert_eq!(
        world.start_lines(),
        [
            "GET / HTTP/1.1",
            "HTTP/1.1 401 Unauthorized",
            "GET / HTTP/1.1",
            "HTTP/1.1 401 Unauthorized",
            "GET / HTTP/1.1",
            "HTTP/1.1 200 OK",
            "GET / HTTP/1.1",
            "HTTP/1.1 200 OK",
        ]
    );
    assert!(!world.text(0).contains("Authorization"));
    assert!(world.text(0).contains("Host: naf1.home1.net\r\n"));
    assert!(
        world
            .text(0)
            .contains("User-Agent: NAF1 Application Agent; Release-6 3gpp-gba\r\n")
    );
    assert!(world.text(1).contains(
        "WWW-Authenticate: Digest realm=\"3GPP-bootstrapping@naf1.home1.net\", \
         nonce=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, qop=\"auth-int\", opaque=\""
    ));
    assert!(world.text(6).contains(
        "Authorization: Digest username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\", \
         realm=\"3GPP-bootstrapping@naf1.home1.net\", nonce=\"6629fae49393a05397450978507c4ef1\", \
         uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", \
         response=\"bdaff3ef0ab631659549ddcfc828ec53\", opaque=\""
    ));
    assert!(world.text(7).contains(
        "Authentication-Info: qop=auth-int, rspauth=\"a19388699c69b48bad69e82fe74d72cd\", \
         cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001, nextnonce=\"6629fae49393a05397450978507c4ef1\"\r\n"
    ));
}

#[test]
fn is_refused_by_the_portal_to_the_digit() {
    let mut world = world(Usim::InStep);
    assert_eq!(world.run(Action::Enrol), Some(ClientOutcome::Refused));
    assert_eq!(world.wire.len(), 8);
    assert!(world.text(6).starts_with(
        "POST /enrol?response=single HTTP/1.1\r\n\
         Host: pkiportal.home1.net\r\n\
         Content-Type: application/x-pkcs10\r\n"
    ));
    assert!(world.text(6).contains("uri=\"/enrol?response=single\""));
    assert!(
        world
            .text(6)
            .contains("response=\"0f5d22fb5a473670fea228e5f15e7a14\"")
    );
    assert_eq!(
        world.text(7),
        "HTTP/1.1 403 Forbidden\r\n\
         Server: Apache/1.3.22 (Unix) mod_perl/1.27\r\n\
         Date: Thu, 08 Jan 2004 10:13:17 GMT\r\n\
         Content-Type: text/html\r\n\
         Authentication-Info: qop=auth-int, rspauth=\"1afc60af49b8fda27aa964fd26d6855d\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001\r\n\
         Expires: Fri, 09 Jan 2004 10:13:18 GMT\r\n\
         Content-Length: 89\r\n\
         \r\n\
         <html><head><title>403 Forbidden</title></head><body>Enrolment not allowed</body></html>\n"
    );
}

#[test]
fn keeps_its_session_for_a_second_server() {
    let mut world = world(Usim::InStep);
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
    world.wire.clear();
    assert_eq!(world.run(Action::Enrol), Some(ClientOutcome::Refused));
    assert_eq!(
        world.start_lines(),
        [
            "POST /enrol?response=single HTTP/1.1",
            "HTTP/1.1 401 Unauthorized",
            "POST /enrol?response=single HTTP/1.1",
            "HTTP/1.1 403 Forbidden",
        ]
    );
}
