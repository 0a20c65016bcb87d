//! The schema of a target profile.

use gbaspec_case::case::Need;
use gbaspec_case::element::Element;
use gbaspec_case::handshake::psk_suites;
use gbaspec_case::load::vocabulary::PSK_SEPARATORS;
use serde_json::{Value, json};

use super::{closed, list_of, number, one_of, text_of, to, words};

/// The schema of a target profile.
pub fn profile_file() -> Value {
    let names = |description: &str, each: &str| {
        closed(
            description,
            &[],
            &json!({
                "bsf": text_of(&format!("{each} of the BSF")),
                "naf": text_of(&format!("{each} of the NAF")),
                "portal": text_of(&format!("{each} of the PKI portal")),
                "as": text_of(&format!("{each} of the application server behind a proxy")),
                "hss": text_of(&format!("{each} of the HSS")),
            }),
        )
    };
    let mut listen = names(
        "Where the harness listens for a client under test, or behind a server under test: as the BSF of a NAF and as the HSS of a BSF over Diameter; free loopback ports for a client if absent.",
        "host:port",
    );
    for element in ["bsf", "naf", "portal"] {
        let words = format!("host:port of the {element} inside TLS");
        listen["properties"][format!("{element}-tls")] = text_of(&words);
    }
    for (element, of) in [("hss", "a BSF"), ("bsf", "a NAF")] {
        let words =
            format!("host:port of the service-based interface of the {element} that {of} asks");
        listen["properties"][format!("{element}-sbi")] = text_of(&words);
    }
    listen["properties"]["naf-psk"] =
        text_of("host:port of the NAF that shares keys in handshakes");
    let mut of_elements = names(
        "Fully qualified domain names; those of the reference peers if absent.",
        "the name",
    );
    of_elements["properties"]["as2"] = text_of("the name of a second one behind the same proxy");
    let mut schema = closed(
        "What the harness must know of one target.",
        &["role"],
        &json!({
            "name": text_of("its name in reports; the role if absent"),
            "role": { "enum": Element::TARGETS.map(Element::as_str), "description": "what the target is" },
            "address": text_of("host:port of a server under test; none for a client"),
            "tls-address": text_of("host:port at which a server under test speaks TLS beside its address in the clear"),
            "diameter-address": text_of("host:port at which a BSF under test speaks Diameter with NAFs (Zn); an HSS does so at its address"),
            "sbi-address": text_of("host:port at which a BSF or an HSS under test offers its service-based interface, over HTTP/2 in the clear"),
            "psk-address": text_of("host:port at which a NAF under test shares keys in TLS handshakes (TS 24.109 5.3.3)"),
            "tls": to("tls", "TLS towards a server under test; plain HTTP if absent; for a client only exporter-label"),
            "listen": listen,
            "release": { "enum": [6, 17], "description": "the release whose message forms are sent; 17 if absent" },
            "names": of_elements,
            "keys": { "enum": ["provisioned", "hook"], "description": "how the keys of the sessions come to a NAF or portal under test: by hand, from this file, or by the hook install-key; provisioned if absent" },
            "subscribers": list_of(&to("subscriber", "a test subscriber"), "test subscribers that the target knows"),
            "sessions": list_of(&to("session", "a session"), "bootstrapped sessions that a NAF or portal under test was given, or that a client under test is handed which does not bootstrap"),
            "sqn": to("sqn", "how the sequence numbers of the home network are divided"),
            "gba-digest": closed("How GBA_Digest is written, which no text at hand says (U-11).", &[], &json!({
                "passwd": one_of(&["base64", "octets", "hex"].map(Value::from), "how passwd becomes the password of the digest; base64 if absent"),
                "hashes": one_of(&["octets", "hex"].map(Value::from), "how H(A1) and RESP enter the derivations; octets if absent"),
            })),
            "psk": closed("How handshakes with a shared key are made, where no text at hand says it (U-08).", &[], &json!({
                "suite": one_of(&psk_suites().map(|(_, name)| name.into()).collect::<Vec<Value>>(), "the suite of TLS 1.2 that the harness offers a NAF; TLS_PSK_WITH_AES_128_GCM_SHA256 if absent"),
                "separator": one_of(&PSK_SEPARATORS.iter().map(|(name, _)| (*name).into()).collect::<Vec<Value>>(), "what stands between the prefix and the B-TID in an identity; semicolon if absent"),
            })),
            "claims": list_of(&json!({ "enum": words(Need::NAMES) }), "what the target can do; a case that needs more is skipped"),
            "hooks": to("hooks", "commands of yours"),
            "deadlines": to("deadlines", "how long to wait"),
        }),
    );
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("gbaspec target profile");
    schema["$defs"] = json!({
        "tls": closed("TLS towards the target.", &[], &json!({
            "ca": text_of("file with the certificates to trust, PEM; the system's if absent"),
            "server-name": text_of("the name that the certificate must carry; the target's name if absent"),
            "verify": one_of(&["required", "off"].map(Value::from), "whether the certificate is checked; required if absent"),
            "exporter-label": text_of("the label under which the keys of the session are exported; EXPORTER_GBA_Digest if absent"),
        })),
        "hex-32": { "type": "string", "pattern": "^[0-9A-Fa-f]{32}$" },
        "hex-64": { "type": "string", "pattern": "^[0-9A-Fa-f]{64}$" },
        "variable": closed("The environment variable that holds it.", &["env"], &json!({ "env": text_of("its name") })),
        "key-16": { "anyOf": [to("hex-32", "32 hex digits"), to("variable", "a variable with 32 hex digits")] },
        "key-32": { "anyOf": [to("hex-64", "64 hex digits"), to("variable", "a variable with 64 hex digits")] },
        "subscriber": subscriber(),
        "session": session(),
        "sqn": closed("How SQN is divided (TS 33.102 Annex C).", &[], &json!({
            "ind-bits": { "type": "integer", "minimum": 0, "maximum": 16, "description": "bits of IND; 5 if absent" },
            "delta": number("the largest allowed jump of SEQ; 2^28 if absent"),
            "age-limit": number("the age limit L; none if absent"),
        })),
        "hooks": closed("Programs with their arguments; no shell in between.", &[], &json!({
            "trigger": list_of(&json!({ "type": "string" }), "starts the client under test; {errand}, {bsf}, {naf}, {portal}, {impi}, {btid}, {case}, {ca}, {transport} and {issuer} are filled in; the key of the session of a client that does not bootstrap stands in its environment"),
            "reset": list_of(&json!({ "type": "string" }), "brings the target back to its first state, before the run"),
            "install-key": list_of(&json!({ "type": "string" }), "with keys: hook, gives the target the key of one session, before the run and once for each; GBASPEC_BTID, GBASPEC_REALM, GBASPEC_FQDN, GBASPEC_KS_NAF_BASE64 and GBASPEC_ENROLMENT stand in its environment"),
        })),
        "deadlines": closed("Times such as \"500ms\" or \"2s\".", &[], &json!({
            "answer": to("duration", "for an answer of a server; 2s if absent, and adapted to the measured round trip"),
            "client": to("duration", "for a client to come, and to end; 10s if absent"),
        })),
        "duration": { "type": "string", "pattern": "^[0-9]+ ?(ms|s)$" },
    });
    schema
}

fn subscriber() -> Value {
    let mut subscriber = closed(
        "A test subscriber.",
        &["impi"],
        &json!({
            "impi": text_of("the private identity"),
            "imsi": { "type": "string", "pattern": "^[0-9]{6,15}$", "description": "the IMSI, where the client has no ISIM and derives its identities (TS 23.003)" },
            "mnc-digits": { "enum": [2, 3], "description": "the digits of the MNC in it; 2 if absent" },
            "kind": one_of(&["usim", "tuak", "sim", "digest"].map(Value::from), "what it holds: a USIM with Milenage, a USIM with TUAK, a SIM (2G GBA), a password (GBA_Digest); usim if absent"),
            "algorithm": { "enum": ["milenage"], "description": "the AKA functions of kind usim; milenage if absent" },
            "k": { "anyOf": [to("key-16", "K"), to("key-32", "K of 256 bits, for TUAK")], "description": "K" },
            "opc": to("key-16", "OPc"),
            "op": to("key-16", "OP, from which OPc is derived"),
            "topc": to("key-32", "TOPc"),
            "top": to("key-32", "TOP, from which TOPc is derived"),
            "keccak-iterations": { "type": "integer", "minimum": 1, "maximum": 255, "description": "iterations of Keccak in TUAK; 1 if absent" },
            "res-octets": { "enum": [4, 8, 16], "description": "the length of RES of TUAK; 8 if absent" },
            "password": { "anyOf": [{ "type": "string" }, to("variable", "a variable with the password")], "description": "the password of kind digest" },
            "amf": { "type": "string", "pattern": "^[0-9A-Fa-f]{4}$", "description": "AMF of vectors that the harness makes; 8000 if absent" },
            "sqn": { "type": "string", "pattern": "^[0-9A-Fa-f]{12}$", "description": "where the harness's own counter starts; zero if absent" },
        }),
    );
    let of = |kinds: &[&str], required: &[&str]| json!({ "properties": { "kind": { "enum": kinds } }, "required": required });
    subscriber["oneOf"] = json!([
        of(&["usim", "sim"], &["k", "opc"]),
        of(&["usim", "sim"], &["k", "op"]),
        of(&["tuak"], &["kind", "k", "topc"]),
        of(&["tuak"], &["kind", "k", "top"]),
        of(&["digest"], &["kind", "password"]),
    ]);
    subscriber
}

fn session() -> Value {
    let mut session = closed(
        "A session: subscriber and rand, or btid and ks-naf.",
        &[],
        &json!({
            "btid": text_of("the B-TID"),
            "ks-naf": to("key-32", "Ks_NAF of the target"),
            "subscriber": text_of("the private identity of a subscriber of this file"),
            "rand": to("hex-32", "RAND of the bootstrapping run; drawn if absent, with keys: hook"),
            "enrolment": { "enum": ["allowed", "refused"], "description": "whether the subscriber may enrol at the portal" },
            "public-identities": list_of(&json!({ "type": "string" }), "the public identities of the subscriber, the default one first, for a proxy under test"),
            "flags": list_of(&json!({ "type": "string" }), "the authorization flags in the subscriber's user security settings"),
            "subject": text_of("common name that the portal wants in a certification request; the private identity if absent"),
            "state": { "enum": ["live", "expired"], "description": "expired: its lifetime has ended; live if absent" },
        }),
    );
    session["oneOf"] = json!([{ "required": ["subscriber"] }, { "required": ["btid", "ks-naf"] }]);
    session
}
