//! The plays of messages between elements of the network, and the peers that they are sent to.

use gbaspec_case::case::{Case, Surroundings};
use gbaspec_case::element::Element;
use gbaspec_roles::{BsfPolicy, Home, HssPolicy, Role, UaPolicy, ZnSource, embedded};

/// One play a message.
pub(super) const PLAYS_OF_NETWORK: &str = r#"  - id: zh-mar
    title: A message between elements of the network
    target: hss
    requirements: [ZH-01]
    steps:
      - send: { message: zh/mar }
      - expect: { result: 2001 }
  - id: zh-mar-auts
    title: A message between elements of the network
    target: hss
    requirements: [ZH-01]
    steps:
      - send: { message: zh/mar }
      - given: { result: 2001 }
      - send: { message: zh/mar-auts }
      - expect: { result: 2001 }
  - id: zh-maa
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, command: MAR }
      - send: { message: zh/maa }
      - expect: { status: 401 }
  - id: zh-maa-refused
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, command: MAR }
      - send: { message: zh/maa-refused }
      - expect: { challenge: absent }
  - id: zh-maa-failed
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, command: MAR }
      - send: { message: zh/maa-failed }
      - expect: { challenge: absent }
  - id: zn-bir
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zn]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { message: ub/answer }
      - given: { status: 200 }
      - send: { from: naf, message: zn/bir }
      - expect: { at: naf, result: 2001 }
  - id: zn-bia
    title: A message between elements of the network
    target: naf
    requirements: [ZH-01]
    needs: [zn]
    steps:
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized, password: ks-naf }
      - given: { at: bsf, command: BIR }
      - send: { message: zn/bia }
      - expect: { status: 200 }
  - id: zn-bia-unknown
    title: A message between elements of the network
    target: naf
    requirements: [ZH-01]
    needs: [zn]
    steps:
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized, password: ks-naf }
      - given: { at: bsf, command: BIR }
      - send: { message: zn/bia-unknown }
      - expect: { status: 401 }
  - id: sbi-generate-auth-data
    title: A message between elements of the network
    target: hss
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: sbi/generate-auth-data }
      - expect: { status: 200 }
  - id: sbi-generate-auth-data-auts
    title: A message between elements of the network
    target: hss
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: sbi/generate-auth-data }
      - given: { status: 200 }
      - send: { message: sbi/generate-auth-data-auts }
      - expect: { status: 200 }
  - id: sbi-subscriber-data
    title: A message between elements of the network
    target: hss
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: sbi/subscriber-data }
      - expect: { status: 200 }
  - id: sbi-auth-data
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, sbi.operation: generate-auth-data }
      - send: { message: sbi/auth-data }
      - expect: { at: hss, protocol: "http/2" }
  - id: sbi-forbidden
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, sbi.operation: generate-auth-data }
      - send: { message: sbi/forbidden }
      - expect: { challenge: absent }
  - id: sbi-not-found
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, sbi.operation: generate-auth-data }
      - send: { message: sbi/not-found }
      - expect: { challenge: absent }
  - id: sbi-bootstrapping-info-retrieval
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zn-sbi]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { message: ub/answer }
      - given: { status: 200 }
      - send: { from: naf, message: sbi/bootstrapping-info-retrieval }
      - expect: { at: naf, status: 200 }
  - id: soap-request-bootstrapping-info
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zn-soap]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { message: ub/answer }
      - given: { status: 200 }
      - send: { from: naf, message: soap/request-bootstrapping-info }
      - expect: { at: naf, status: 200 }
  - id: sbi-bootstrapping-info
    title: A message between elements of the network
    target: naf
    requirements: [ZH-01]
    needs: [zn-sbi]
    steps:
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized, password: ks-naf }
      - given: { at: bsf, sbi.operation: bootstrapping-info-retrieval }
      - send: { message: sbi/bootstrapping-info }
      - expect: { status: 200 }
  - id: sbi-settings
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zh-sbi]
    steps:
      - send: { message: ub/initial-get }
      - given: { at: hss, sbi.operation: generate-auth-data }
      - send: { message: sbi/auth-data }
      - given: { at: hss, sbi.operation: subscriber-data }
      - send: { message: sbi/settings }
      - expect: { status: 401 }
  - id: sbi-push-info-retrieval
    title: A message between elements of the network
    target: bsf
    requirements: [ZH-01]
    needs: [zn-sbi]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { message: ub/answer }
      - given: { status: 200 }
      - send: { from: naf, message: sbi/push-info-retrieval }
      - expect: { at: naf, protocol: "http/2" }
  - id: ua-get-authorized-anew
    title: A message between elements of the network
    target: naf
    requirements: [ZH-01]
    needs: [zn]
    steps:
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized-anew, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { at: bsf, command: BIR }
  - id: ua-get-authorized-again
    title: A message between elements of the network
    target: naf
    requirements: [ZH-01]
    needs: [zn]
    steps:
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized-anew, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - given: { at: bsf, command: BIR }
      - send: { message: zn/bia }
      - given: { status: 200 }
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized-again, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
"#;

/// The correct peer of such a play; none if the play is of another kind.
pub(super) fn partner(case: &Case) -> Option<Box<dyn Role>> {
    let surroundings = case.surroundings();
    Some(match (case.target, surroundings) {
        (Element::Hss, _) => Box::new(embedded::hss(HssPolicy::default(), 1)),
        (Element::Bsf, Surroundings::Diameter) => bsf(embedded::home_over_zh()),
        (Element::Bsf, Surroundings::Sbi) => bsf(embedded::home_over_sbi()),
        (Element::Naf, Surroundings::Diameter) => naf(embedded::keys_over_zn()),
        (Element::Naf, Surroundings::Sbi) => naf(embedded::keys_over_sbi()),
        _ => return None,
    })
}

fn bsf(home: Home) -> Box<dyn Role> {
    Box::new(embedded::bsf_behind_hss(home, BsfPolicy::default(), 1))
}

fn naf(source: ZnSource) -> Box<dyn Role> {
    Box::new(embedded::naf_behind_bsf(source, UaPolicy::default(), 1))
}
