//! The schema of a case file. Words come from the loader's own tables, facts from the judge's.

use gbaspec_case::case::{Errand, Need};
use gbaspec_case::element::Element;
use gbaspec_case::fact::all_facts;
use gbaspec_case::handshake::psk_suites;
use gbaspec_case::load::vocabulary::{
    ALGORITHMS, AUTS_AMFS, CERTIFICATE_KEYS, CERTIFICATE_NAMES, CERTIFICATES, CLOSINGS, CODINGS,
    CONNECTIONS, CSR_DEFECTS, DOCUMENT_FORMS, FORMS, PASSWORDS, PSK_SPECS, RESPONSES, RSPAUTHS,
    SERVER_NAMES, SESSIONS, SILENCES, SUBSCRIBER_KINDS, SUBSCRIBERS, TRANSPORTS, TWIN_REPEATS,
    VECTOR_SQNS,
};
use gbaspec_case::transcript::ClientOutcome;
use serde_json::{Map, Value, json};

use super::{closed, list_of, text_of, to, words};

/// The schema of a file of cases.
pub fn case_file() -> Value {
    let mut schema = closed(
        "Cases of one topic.",
        &["topic", "specification"],
        &json!({
            "topic": { "type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9-]+$", "description": "interface/topic, the first part of every identity in this file" },
            "specification": to("specification", "where the rules stand"),
            "target": to("target", "what is tested, for all cases that do not say otherwise"),
            "needs": list_of(&json!({ "enum": words(Need::NAMES) }), "what all cases need, beside what each says"),
            "answers": list_of(&to("answer", "a standing answer"), "standing answers of all cases, after the case's own"),
            "cases": list_of(&to("case", "a case"), "the cases"),
            "properties": list_of(&to("property", "a property"), "rules that hold for any sequence of moves, tried with random ones"),
        }),
    );
    schema["anyOf"] = json!([{ "required": ["cases"] }, { "required": ["properties"] }]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("gbaspec case file");
    schema["$defs"] = json!({
        "specification": closed("A place in a specification.", &["document", "clause"], &json!({
            "document": text_of("the document as the register names it, for example TS 24.109"),
            "clause": text_of("the clause, in double quotes"),
        })),
        "variable": { "type": "string", "pattern": VARIABLE, "description": "a variable of `for-each`" },
        "element": or_variable(&json!({ "enum": Element::ALL.map(Element::as_str) })),
        "target": or_variable(&json!({ "enum": Element::TARGETS.map(Element::as_str) })),
        "requirement": or_variable(&json!({ "type": "string", "pattern": REQUIREMENT })),
        "name": { "type": "string", "description": "a name within the case" },
        "case": case(),
        "property": property(),
        "move": closed("One kind of move.", &["name", "steps"], &json!({
            "name": { "type": "string", "pattern": "^[a-z0-9-]+$", "description": "its name" },
            "choose": {
                "type": "object",
                "propertyNames": { "pattern": "^[a-z0-9-]+$" },
                "additionalProperties": { "type": "array", "minItems": 1, "items": { "type": ["string", "integer"] } },
                "description": "one value each is drawn for `<<name>>` in the steps; the simplest stands first",
            },
            "steps": list_of(&to("step", "a step"), "its steps; `<<n>>` is its number, `<<before>>` the one before; a step with `<<earlier>>` is played for each earlier number"),
        })),
        "answer": answer(),
        "step": step(),
        "send": send(),
        "auts": auts(),
        "csr": csr(),
        "certificate": certificate(),
        "vector": vector(),
        "sqn-from": closed("An SQN counted from SQN_MS of a right AUTS in a message, else from the SQN of the challenge that the message holds or answers.", &["from"], &json!({
            "from": to("name", "the message"),
            "seq-ahead": number("SEQ steps beyond it; 0 if absent"),
            "seq-behind": number("SEQ steps below it"),
            "ind-ahead": number("slots after its one, modulo their number; 0 if absent"),
        })),
        "vector-rand": closed("A RAND that was sent before.", &["same-as"], &json!({
            "same-as": to("name", "the message that holds or answers the challenge with this RAND"),
        })),
        "edit": edit(),
        "facts": with_facts("Conditions on facts.", &[]),
        "await": with_facts("The next message, and what must be true of it.", &[
            ("as", to("name", "the name by which later steps refer to the message")),
            ("at", to("element", "the element of the harness at which it arrives")),
            ("for", to("requirement", "the rule that these checks speak for; the case's first if absent")),
            ("note", list_of(&to("fact", "a fact"), "facts to record in the verdict, whatever they are")),
            ("only", to("facts", "only a message that meets this is awaited; others get standing answers")),
            ("or", one_of(&words(SILENCES), "closed: the target may as well close the connection")),
        ]),
        "check": with_facts("More about a message that is there.", &[
            ("on", to("name", "the message; the latest received one if absent")),
            ("for", to("requirement", "the rule that these checks speak for; the case's first if absent")),
            ("note", list_of(&to("fact", "a fact"), "facts to record in the verdict, whatever they are")),
            ("when", to("facts", "the checks apply only to a message that meets this")),
        ]),
        "never": with_facts("Until the client ends or the server answers, no message may meet all of this.", &[
            ("at", to("element", "the element of the harness at which it must not arrive; any if absent")),
            ("for", to("requirement", "the rule that it speaks for; the case's first if absent")),
            ("at-most", number("so many such messages are allowed; 0 if absent")),
        ]),
        "finish": closed("The client ends.", &[], &json!({
            "for": to("requirement", "the rule that it speaks for; the case's first if absent"),
            "outcome": {
                "description": "what the client must report; anything if absent",
                "anyOf": [to("outcome", "one outcome"), list_of(&to("outcome", "an outcome"), "any of these")],
            },
        })),
        "outcome": or_variable(&json!({ "enum": ClientOutcome::ALL.map(ClientOutcome::as_str) })),
        "fact": { "anyOf": [
            { "enum": all_facts().map(|fact| fact.name).collect::<Vec<_>>() },
            { "type": "string", "pattern": HEADER },
            { "type": "string", "pattern": QUERY },
            to("variable", "a variable"),
        ] },
        "literal": { "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0 }] },
        "literals": { "anyOf": [to("literal", "a value"), list_of(&to("literal", "a value"), "any of these")] },
        "matcher": {
            "description": "a value, a list of allowed values, `present`, `absent`, or relations",
            "anyOf": [to("literals", "a value, or any of several"), to("relations", "relations, all of which hold")],
        },
        "relations": relations(),
    });
    schema
}

fn answer() -> Value {
    closed(
        "Answers a request that the current step does not wait for.",
        &["at"],
        &json!({
            "at": to("element", "where the request arrives"),
            "when": to("facts", "only a request that meets all of this; any if absent"),
            "send": to("send", "the answer; the connection is closed if absent"),
        }),
    )
}

/// Every id of the register has this form; a test checks it.
pub(crate) const REQUIREMENT: &str = "^[A-Z][A-Za-z0-9]*(-[A-Za-z0-9.]+)+$";
const QUERY: &str = "^query\\.[A-Za-z0-9-]+$";
const HEADER: &str = "^header\\.[A-Za-z0-9-]+$";
const VARIABLE: &str = "<<[a-z0-9-]+>>";
const SLUG: &str = "^(?=.*[a-z-])([a-z0-9-]|<<[a-z0-9-]+>>)+$";

fn case() -> Value {
    closed(
        "One case.",
        &["id", "title", "requirements", "steps"],
        &json!({
            "id": { "type": "string", "pattern": SLUG, "description": "the last part of the identity: lower case words joined by hyphens, assigned once" },
            "title": text_of("what holds, one sentence"),
            "requirements": { "type": "array", "minItems": 1, "items": to("requirement", "a rule of vectors/requirements"), "description": "the rules that it tests; the first speaks for checks that name none" },
            "aliases": list_of(&text_of("a whole identity"), "identities that it had before it was renamed"),
            "clause": text_of("the clause, if not the file's"),
            "tables": list_of(&text_of("a table's number"), "the printed tables that it replays"),
            "target": to("target", "what is tested, if not the file's"),
            "level": one_of(&["shall", "should", "may"].map(Value::from), "how strictly it binds; shall if absent"),
            "needs": list_of(&or_variable(&json!({ "enum": words(Need::NAMES) })), "what the profile must claim or have; without it the case is skipped"),
            "twin": text_of("the valid form of a negative case: a slug of this topic, or a whole identity"),
            "twin-after": one_of(&words(TWIN_REPEATS), "whether the twin is played again afterwards; again if absent"),
            "session": one_of(&words(SESSIONS), "which Ua session of the profile it uses; any if absent"),
            "transport": one_of(&words(TRANSPORTS), "tls: the case is played inside TLS; psk-tls-1.2, psk-tls-1.3: inside TLS of this version whose ends share a key; tcp if absent: as the profile says"),
            "certificate": one_of(&words(CERTIFICATES), "what stands in the certificate that the harness shows to a client; right if absent"),
            "suite": suites("the only cipher suite, or the only ones, that the harness offers inside TLS; a target without them: the case is skipped"),
            "subscriber-kind": one_of(&words(SUBSCRIBER_KINDS), "which kind of subscriber it is played for; usim if absent. A profile without one: the case is skipped"),
            "answers": list_of(&to("answer", "a standing answer"), "standing answers"),
            "for-each": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": { "pattern": "^[a-z0-9-]+$" },
                    "additionalProperties": { "type": ["string", "integer"] },
                },
                "description": "one case a row: `<<name>>` stands for the row's value anywhere in this entry, and in its id",
            },
            "steps": { "type": "array", "minItems": 1, "items": to("step", "a step"), "description": "what happens, in order" },
        }),
    )
}

/// A property has the keys of a case that is not negative, and those of its own.
fn property() -> Value {
    let mut property = case();
    property["description"] = json!("A rule that holds for any sequence of moves.");
    property["required"] = json!([
        "id",
        "title",
        "requirements",
        "most-moves",
        "tries",
        "start",
        "moves"
    ]);
    let steps = |what: &str| list_of(&to("step", "a step"), what);
    if let Some(keys) = property["properties"].as_object_mut() {
        for key in ["twin", "twin-after", "for-each", "steps"] {
            keys.remove(key);
        }
        let own = [
            (
                "invariants",
                list_of(
                    &text_of("an invariant"),
                    "the invariants of the model that it shows",
                ),
            ),
            (
                "most-moves",
                json!({ "type": "integer", "minimum": 1, "maximum": 100, "description": "the most moves of a sequence" }),
            ),
            (
                "tries",
                json!({ "type": "integer", "minimum": 1, "description": "how many sequences a run tries" }),
            ),
            (
                "start",
                steps("the steps before the first move; they leave a message `challenge-0`"),
            ),
            (
                "moves",
                list_of(
                    &to("move", "a kind of move"),
                    "the kinds of moves; each leaves a message `challenge-<<n>>`",
                ),
            ),
            (
                "end",
                steps("the steps after the last move, whose number is `<<n>>`"),
            ),
        ];
        for (key, schema) in own {
            keys.insert(key.to_owned(), schema);
        }
    }
    property
}

fn step() -> Value {
    let mut step = closed(
        "Exactly one thing.",
        &[],
        &json!({
            "send": to("send", "send a message"),
            "connect": connect(),
            "trigger": one_of(&Errand::ALL.map(|errand| errand.as_str().into()), "ask the client under test to act"),
            "given": to("await", "a precondition of the next message: unmet, the case is inconclusive"),
            "expect": to("await", "the next message: unmet, the case fails"),
            "applies": to("check", "a condition on the latest message: unmet, the case does not apply to this target"),
            "check": to("check", "more about a message: unmet, the case fails"),
            "should": to("check", "a recommendation: unmet, the pass has a warning"),
            "never": to("never", "what must not arrive until the client ends or the server answers"),
            "finish": to("finish", "the client ends"),
        }),
    );
    step["minProperties"] = json!(1);
    step["maxProperties"] = json!(1);
    step
}

fn connect() -> Value {
    let suites: Vec<Value> = psk_suites().map(|(_, name)| name.into()).collect();
    closed(
        "Shake hands with a shared key and send nothing; the next step takes the end of it.",
        &[],
        &json!({
            "identity": text_of("the identity, with placeholders; by default the one of the session"),
            "key": one_of(&words(PSK_SPECS), "the key; right if absent"),
            "suites": list_of(&one_of(&suites, "a suite of TLS 1.2"), "the suites of TLS 1.2 that are offered; that of the profile if absent"),
            "server-name": one_of(&words(SERVER_NAMES), "the host name that is asked for; right if absent"),
        }),
    )
}

fn send() -> Value {
    let mut send = closed(
        "A message: one of message, table, wire.",
        &[],
        &json!({
            "message": text_of("a message of vectors/messages"),
            "table": text_of("a printed table, by its number"),
            "form": one_of(&words(FORMS), "which form of the table; corrected if absent"),
            "wire": text_of("the message written out, with placeholders"),
            "as": to("name", "the name by which later steps refer to it"),
            "from": to("element", "the element that the harness speaks as; the first one before the target if absent"),
            "connection": one_of(&words(CONNECTIONS), "the connection; current if absent"),
            "suite": suites("the only cipher suite, or the only ones, that the harness offers on a new connection; those of the case if absent"),
            "subscriber": one_of(&words(SUBSCRIBERS), "whose identity and keys; first if absent"),
            "answers": to("name", "the message that it answers; the latest received one if absent"),
            "algorithm": one_of(&ALGORITHMS.map(Value::from), "the challenge that it answers, of a message with several; AKAv1-MD5 before others if absent"),
            "password": one_of(&words(PASSWORDS), "how {response} is computed; res if absent"),
            "response": one_of(&words(RESPONSES), "how {response} is made from the password; right if absent"),
            "auts": to("auts", "how {auts} is computed"),
            "vector": to("vector", "how {nonce} is computed"),
            "rspauth": one_of(&words(RSPAUTHS), "how {rspauth} is computed; right if absent"),
            "csr": to("csr", "how {csr} is made"),
            "certificate": to("certificate", "how {certificate} and its kin are made"),
            "body": text_of("another body than the message's"),
            "change": list_of(&to("edit", "an edit"), "changes before the digest is computed: the message stays consistent"),
            "spoil": list_of(&to("edit", "an edit"), "changes after it: the message's integrity is broken"),
            "coding": one_of(&words(CODINGS), "how the body travels; identity if absent"),
            "then": one_of(&words(CLOSINGS), "what becomes of the connection; open if absent"),
        }),
    );
    send["oneOf"] =
        json!([{ "required": ["message"] }, { "required": ["table"] }, { "required": ["wire"] }]);
    send
}

fn csr() -> Value {
    closed(
        "The certification request that the harness makes as UE.",
        &[],
        &json!({
            "form": one_of(&words(DOCUMENT_FORMS), "how it travels; pem if absent"),
            "defect": one_of(&words(CSR_DEFECTS), "what is wrong with it; none if absent"),
            "padding": number("octets of text in it that ask for nothing"),
        }),
    )
}

fn certificate() -> Value {
    closed(
        "The certificates that the harness makes as PKI portal.",
        &[],
        &json!({
            "form": one_of(&words(DOCUMENT_FORMS), "how they travel; pem if absent"),
            "key": one_of(&words(CERTIFICATE_KEYS), "the key in the one of the subscriber; of-request if absent"),
            "name": one_of(&words(CERTIFICATE_NAMES), "the name in the one of the CA; right if absent"),
        }),
    )
}

fn auts() -> Value {
    closed(
        "How AUTS is made (TS 33.102 6.3.3).",
        &[],
        &json!({
            "sqn-ms-ahead": number("SEQ steps of SQN_MS beyond the challenge's; 7 if absent"),
            "sqn-ms-behind": number("SEQ steps of SQN_MS below the challenge's"),
            "amf": one_of(&words(AUTS_AMFS), "AMF* in MAC-S; zero if absent"),
            "flip-bit": described(&or_variable(&json!({ "type": "integer", "minimum": 0, "maximum": 111 })), "a bit to flip, from the most significant one of octet 0"),
            "octets": described(&or_variable(&json!({ "type": "integer", "minimum": 0, "maximum": 255 })), "how many octets to send; 14 if absent"),
            "junk": text_of("characters to put into the middle of its base64 text"),
            "key": one_of(&words(SUBSCRIBERS), "whose key makes it; the sender's if absent"),
        }),
    )
}

fn vector() -> Value {
    closed(
        "The authentication vector that the harness makes as BSF.",
        &[],
        &json!({
            "sqn": {
                "description": "its SQN: a word, or a distance from one that the play has seen; next if absent",
                "anyOf": [one_of(&words(VECTOR_SQNS), "seen from the harness's counter"), to("sqn-from", "seen from a message")],
            },
            "rand": to("vector-rand", "its RAND; a new one if absent"),
            "flip-mac-bit": described(&or_variable(&json!({ "type": "integer", "minimum": 0, "maximum": 63 })), "a bit of MAC-A to flip"),
            "flip-bit": described(&or_variable(&json!({ "type": "integer", "minimum": 0, "maximum": 127 })), "a bit of AUTN to flip: the concealed SQN begins at 0, AMF at 48, MAC-A at 64"),
            "key": one_of(&words(SUBSCRIBERS), "whose key makes it; first if absent"),
            "amf": described(&or_variable(&json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{4}$" })), "another AMF than the profile's, hex"),
            "server-data": described(&or_variable(&json!({ "type": "string", "pattern": "^([0-9A-Fa-f]{2})*$" })), "octets after AUTN, hex (RFC 3310 3.2)"),
            "cut-to": number("how many octets of the nonce to send"),
        }),
    )
}

fn edit() -> Value {
    let mut edit = closed(
        "One change of a message.",
        &[],
        &json!({
            "set": text_of("a directive to set to `to`, quotes included"),
            "add": text_of("a directive to add at the end"),
            "drop": text_of("a directive to remove"),
            "flip": text_of("a directive whose last hex digit changes by one bit"),
            "header": text_of("a header to set to `to`"),
            "drop-header": text_of("a header to remove"),
            "start-line": text_of("another start line"),
            "replace": text_of("a text to replace by `to` wherever it stands"),
            "to": text_of("what takes its place"),
            "times": number("how often `to` stands there; once if absent"),
        }),
    );
    let with = |word| json!({ "required": [word, "to"], "maxProperties": 3 });
    let alone = |word| json!({ "required": [word], "maxProperties": 1 });
    edit["oneOf"] = json!([
        with("set"),
        with("add"),
        with("header"),
        with("replace"),
        alone("drop"),
        alone("flip"),
        alone("drop-header"),
        alone("start-line"),
    ]);
    edit
}

fn relations() -> Value {
    let other = |what: &str| text_of(&format!("{what}: a message's name, or \"name:fact\""));
    let mut relations = closed(
        "Relations; all of them hold. None holds of a fact that is absent.",
        &[],
        &json!({
            "not": to("literals", "none of these"),
            "contains": text_of("a list with this element, or a text with this part"),
            "lacks": text_of("a list without this element, or a text without this part"),
            "has-token": text_of("a product token of a header such as User-Agent"),
            "same-as": other("equals the other"),
            "differs-from": other("does not equal the other"),
            "above": other("an SQN above the other"),
            "not-above": other("an SQN not above the other"),
            "within-delta-of": other("an SQN whose SEQ lies at most delta beyond the other"),
            "at-least": number("a number of at least this"),
            "at-most": number("a number of at most this"),
        }),
    );
    relations["minProperties"] = json!(1);
    relations
}

/// What this is, or a variable that stands for it.
fn or_variable(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "$ref": "#/$defs/variable" }] })
}

fn described(schema: &Value, description: &str) -> Value {
    let mut schema = schema.clone();
    schema["description"] = json!(description);
    schema
}

/// One of these words, or a variable.
fn one_of(words: &[Value], description: &str) -> Value {
    described(&or_variable(&json!({ "enum": words })), description)
}

/// A whole number from 0, or a variable.
fn number(description: &str) -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    described(&or_variable(&number), description)
}

/// Control words beside facts.
fn with_facts(description: &str, control: &[(&str, Value)]) -> Value {
    let mut properties = Map::new();
    for (word, meaning) in control {
        properties.insert((*word).to_owned(), meaning.clone());
    }
    for fact in all_facts() {
        properties.insert(fact.name.to_owned(), to("matcher", fact.doc));
    }
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties,
        "patternProperties": {
            HEADER: to("matcher", "the value of this header"),
            QUERY: to("matcher", "this parameter of the query"),
        },
    })
}

/// One cipher suite, or several of which one will do.
fn suites(description: &str) -> Value {
    let name = json!({ "type": "string", "pattern": "^TLS_[A-Z0-9_]+$" });
    json!({
        "oneOf": [name, { "type": "array", "minItems": 1, "items": name }],
        "description": description,
    })
}
