//! The seeds of the fuzz targets, made from the vectors: a fuzzer that starts at valid messages
//! needs minutes where one that starts at nothing needs days.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gbaspec_case::case::Template;
use gbaspec_case::load::Library;
use gbaspec_wire::diameter::notation;

use crate::files;

/// Seeds by target and name.
pub type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

/// Replaces the seeds of every target.
pub fn write(root: &Path) -> Result<String, String> {
    let seeds = seeds(root)?;
    let corpus = root.join("fuzz/corpus");
    for old in files::below(&corpus, "") {
        let is_seed = old
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("seed-"));
        if is_seed {
            fs::remove_file(&old).map_err(|why| format!("{}: {why}", old.display()))?;
        }
    }
    for ((target, name), bytes) in &seeds {
        files::write(&corpus.join(target).join(format!("seed-{name}")), bytes)?;
    }
    Ok(format!("{} seeds written below fuzz/corpus", seeds.len()))
}

/// The octets of a message in its notation, with sample values for its placeholders.
fn diameter(text: &str) -> Option<Vec<u8>> {
    let time = ["Key-ExpiryTime", "BootstrapInfoCreationTime"];
    let mut filled = String::new();
    for line in text.lines() {
        let is_time = time.iter().any(|name| line.trim().starts_with(name));
        let value = if is_time {
            "2004-01-09T10:13:17Z"
        } else {
            "00"
        };
        let mut rest = line;
        while let Some((before, inside)) = rest.split_once('{') {
            filled.push_str(before);
            filled.push_str(value);
            rest = inside.split_once('}').map_or("", |(_, after)| after);
        }
        filled.push_str(rest);
        filled.push('\n');
    }
    Some(notation::parse(&filled).ok()?.to_bytes())
}

/// The seeds that the vectors of the tree give.
pub fn seeds(root: &Path) -> Result<Seeds, String> {
    let library = files::library(root)?.library;
    let mut seeds = Seeds::new();
    for (name, text) in messages(&library) {
        if notation::is_notation(&text) {
            seeds.extend(diameter(&text).map(|octets| (("diameter", name.clone()), octets)));
            seeds.insert(("diameter", format!("{name}-text")), text.into_bytes());
            continue;
        }
        let message = wire(&text);
        let (head, body) = message.split_once("\r\n\r\n").unwrap_or((&message, ""));
        for line in head.split("\r\n") {
            let Some((field, value)) = line.split_once(": ") else {
                continue;
            };
            if ["WWW-Authenticate", "Authorization", "Authentication-Info"].contains(&field) {
                seeds.insert(("digest_headers", name.clone()), value.into());
            }
        }
        if body.contains("BootstrappingInfo") {
            seeds.insert(("bsf_xml", name.clone()), body.into());
        }
        // The judge reads the target's role and the ending first; see `fuzz_judge`.
        let role = u8::from(head.starts_with("HTTP/"));
        seeds.insert(
            ("judge", name.clone()),
            [&[role, 0], message.as_bytes()].concat(),
        );
        seeds.insert(("http", name), message.into_bytes());
    }
    for (name, value) in SAMPLES {
        let alone = ["nonce", "auts", "btid", "date", "lifetime"];
        if alone.contains(name) {
            seeds.insert(("nonce_auts", (*name).to_owned()), (*value).into());
        }
    }
    for (name, text) in DOCUMENTS {
        seeds.insert(("certificates", (*name).to_owned()), (*text).into());
    }
    for (name, text) in SETTINGS {
        seeds.insert(("guss_xml", (*name).to_owned()), (*text).into());
    }
    for (name, text) in BODIES {
        seeds.insert(("sbi", (*name).to_owned()), (*text).into());
    }
    vector_seeds(root, &mut seeds)?;
    Ok(seeds)
}

/// Each file that people write, cut after its first entry: a fuzzer likes small inputs.
fn vector_seeds(root: &Path, seeds: &mut Seeds) -> Result<(), String> {
    let mut sources = files::vectors(root)?;
    for path in files::below(&root.join("suites/profiles"), ".yaml") {
        let name = files::shown(&root.join("suites"), &path);
        sources.push(gbaspec_case::load::Source {
            name,
            text: files::read(&path)?,
        });
    }
    for source in sources {
        if source.name.starts_with("data/") {
            continue;
        }
        let name = source.name.trim_end_matches(".yaml").replace('/', "-");
        seeds.insert(
            ("vector_loader", name),
            first_entry(&source.text).into_bytes(),
        );
    }
    Ok(())
}

/// The text without comments, up to the second entry of its list.
fn first_entry(text: &str) -> String {
    let mut entries = 0;
    let mut kept = String::new();
    for line in text.lines() {
        entries += usize::from(line.starts_with("  - id:"));
        if entries > 1 {
            break;
        }
        if !line.trim_start().starts_with('#') {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Every message and every table in all its forms, once each.
fn messages(library: &Library) -> Vec<(String, String)> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |name: String, template: &Template| {
        let name: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .collect();
        for (release, text) in [("r6", &template.release_6), ("r17", &template.release_17)] {
            if !texts.values().any(|known| known == text) {
                texts.insert(format!("{name}-{release}"), text.clone());
            }
        }
    };
    for (name, template) in &library.messages {
        add(name.clone(), template);
    }
    for table in library.tables.values() {
        add(
            format!("table-{}-corrected", table.number),
            &table.corrected,
        );
        add(
            format!("table-{}-as-printed", table.number),
            &table.as_printed,
        );
        add(format!("table-{}-printed", table.number), &table.printed);
    }
    texts.into_iter().collect()
}

/// The message as it goes over the wire, with published sample values.
fn wire(text: &str) -> String {
    let mut filled = text.to_owned();
    for (name, value) in SAMPLES.iter().chain(PLACED) {
        for placeholder in [format!("{{{name}}}"), format!("{{{name}?}}")] {
            filled = filled.replace(&placeholder, value);
        }
    }
    let (head, body) = filled.split_once("\n\n").unwrap_or((filled.trim_end(), ""));
    let head = head.replace("{body.length}", &body.len().to_string());
    format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n"))
}

/// Test set 1 of TS 35.207 and the values that the tables of TS 24.109 print.
const SAMPLES: &[(&str, &str)] = &[
    ("ue.impi", "user1_private@home1.net"),
    ("bsf.fqdn", "bsf.home1.net"),
    ("bsf.authority", "bsf.home1.net"),
    ("naf.fqdn", "naf1.home1.net"),
    ("naf.authority", "naf1.home1.net"),
    ("portal.fqdn", "pkiportal.home1.net"),
    ("portal.authority", "pkiportal.home1.net"),
    ("session.btid", "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net"),
    ("challenge.realm", "bsf.home1.net"),
    (
        "challenge.nonce",
        "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
    ),
    ("challenge.opaque", "5ccc069c403ebaf9f0171e9517f40e41"),
    ("challenge.algorithm", "AKAv1-MD5"),
    ("request.cnonce", "6629fae49393a05397450978507c4ef1"),
    ("request.nc", "00000001"),
    ("cnonce", "6629fae49393a05397450978507c4ef1"),
    ("nonce", "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="),
    ("server-nonce", "dcd98b7102dd2f0e8b11d0f600bfb0c0"),
    ("auts", "uoU/PBLcTIsCWhx6zb8="),
    ("response", "6629fae49393a05397450978507c4ef1"),
    ("rspauth", "6629fae49394a05397450978507c4ef1"),
    ("btid", "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net"),
    ("lifetime", "2004-01-09T10:50:36Z"),
    ("date", "Thu, 08 Jan 2004 10:50:35 GMT"),
    ("expires", "Fri, 09 Jan 2004 10:50:36 GMT"),
];

/// User security settings by name.
const SETTINGS: &[(&str, &str)] = &[
    (
        "settings",
        "<guss id=\"user1_private@home1.net\"><bsfInfo><uiccType>GBA</uiccType>\
         <lifeTime>86400</lifeTime></bsfInfo><ussList><uss id=\"1\" type=\"1\"><uids>\
         <uid>sip:user1_public1@home1.net</uid></uids><flags><flag>1</flag></flags></uss>\
         </ussList></guss>",
    ),
    (
        "list",
        "<ussList><uss id=\"0\" type=\"0\"><uids/><flags/></uss></ussList>",
    ),
];

/// Bodies and a path of the service-based interfaces.
const BODIES: &[(&str, &str)] = &[
    (
        "naf-request",
        r#"{"btId":"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net","nafId":{"nafFqdn":"naf1.home1.net","uaSecProtId":"0100000002"},"gsIds":[1]}"#,
    ),
    (
        "naf-response",
        r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","keyExpiryTime":"2004-01-09T10:13:17Z","ussList":[{"uss":{"gsId":1,"gsType":0,"ueIds":[{"ueId":"a"}],"flags":[{"flag":1}]}}],"gbaType":"3G_GBA"}"#,
    ),
    (
        "push-request",
        r#"{"ueId":"a","ueIdType":"PUBLIC","uiccAppLabel":"b","nafId":{"nafFqdn":"c","uaSecProtId":"0000000000"},"ptId":"d","uiccOrMe":"GBA_ME","requestedLifeTime":"2004-01-09T10:13:17Z"}"#,
    ),
    (
        "resync",
        r#"{"authenticationScheme":"DIGEST_AKAV1_MD5","resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#,
    ),
    (
        "vector",
        r#"{"3gAkaAv":{"rand":"23553cbe9637a89d218ae64dae47bf35","xres":"a54211d5e3ba50bf","autn":"55f328b43577b9b94a9ffac354dfafb3","ck":"b40ba9a3c58b2a05bbf0d987b21bf8cb","ik":"f769bcd751044604127672711c6d3441"}}"#,
    ),
    (
        "guss",
        r#"{"guss":{"bsfInfo":{"uiccType":"GBA_U","lifeTime":60}}}"#,
    ),
    (
        "path",
        "/nhss-gba-ueau/v1/impi-user%40home1.net/security-information/generate-auth-data",
    ),
];

/// Certification requests and certificates that OpenSSL has made.
const DOCUMENTS: &[(&str, &str)] = &[
    ("request-p256", REQUEST),
    (
        "request-rsa",
        include_str!("../../harness/crypto/tests/published/pki/rsa.request.pem"),
    ),
    ("certificate", CERTIFICATE),
    ("ca", CA),
    ("chain", CHAIN),
    (
        "chain-pkcs7",
        include_str!("../../harness/crypto/tests/published/pki/chain.p7.pem"),
    ),
];
const REQUEST: &str = include_str!("../../harness/crypto/tests/published/pki/p256.request.pem");
const CERTIFICATE: &str = include_str!("../../harness/crypto/tests/published/pki/leaf.pem");
const CA: &str = include_str!("../../harness/crypto/tests/published/pki/ca.pem");
const CHAIN: &str = include_str!("../../harness/crypto/tests/published/pki/chain.pem");

/// What placeholders of documents stand for.
const PLACED: &[(&str, &str)] = &[
    ("csr", REQUEST),
    ("csr.base64", "MIH0MIGbAgEA"),
    ("certificate", CERTIFICATE),
    ("certificate.chain", CHAIN),
    ("ca.certificate", CA),
    ("ca.issuer", "MBExDzANBgNVBAMMBk5vYm9keQ%3D%3D"),
    ("ca.issuer.raw", "MBExDzANBgNVBAMMBk5vYm9keQ=="),
];
