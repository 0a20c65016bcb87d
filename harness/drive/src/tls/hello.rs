//! The hello messages of a TLS handshake, read from the first octets of a connection: what a client
//! offers and which suite a server chose (RFC 5246 7.4.1, RFC 8446 4.1).
//!
//! Both travel in the clear, so they can be told even of a handshake that comes to nothing.

use gbaspec_crypto::kdf::CipherSuite;

/// The content type of a handshake record, and the types of the two messages in it.
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// The extension with the server name, and its only name type (RFC 6066 3).
const SERVER_NAME: u16 = 0;
const HOST_NAME: u8 = 0;

/// Version and random octets, with which both messages begin.
const VERSION_AND_RANDOM: usize = 2 + 32;

/// What a client offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientHello {
    /// The suites in their order, without the values that only signal something.
    pub(crate) suites: Vec<CipherSuite>,
    /// The host name that it asks for (SNI), as it is written.
    pub(crate) server_name: Option<Vec<u8>>,
}

/// Reads what a client offers; `None` if these octets do not begin with a whole `ClientHello`.
pub(crate) fn client_hello(octets: &[u8]) -> Option<ClientHello> {
    let message = message_of(octets, CLIENT_HELLO)?;
    let mut rest = Reader(&message);
    rest.take(VERSION_AND_RANDOM)?;
    rest.block_of_one()?;
    let suites = rest.block_of_two()?.chunks_exact(2);
    let suites = suites.map(|pair| CipherSuite(u16::from_be_bytes([pair[0], pair[1]])));
    let suites = suites.filter(|suite| !is_signal(*suite)).collect();
    rest.block_of_one()?;
    Some(ClientHello {
        suites,
        server_name: server_name(rest),
    })
}

/// Reads which suite a server chose; `None` if these octets do not begin with a `ServerHello`.
pub(crate) fn server_hello_suite(octets: &[u8]) -> Option<CipherSuite> {
    let message = message_of(octets, SERVER_HELLO)?;
    let mut rest = Reader(&message);
    rest.take(VERSION_AND_RANDOM)?;
    rest.block_of_one()?;
    Some(CipherSuite(rest.number()?))
}

/// Values among the suites that are none: renegotiation and fallback signals, and values that keep
/// servers from choking on unknown ones (RFC 5746 3.3, RFC 7507 2, RFC 8701 2).
fn is_signal(CipherSuite(number): CipherSuite) -> bool {
    let [high, low] = number.to_be_bytes();
    matches!(number, 0x00ff | 0x5600) || high == low && low & 0x0f == 0x0a
}

/// The body of the first handshake message if it is of this type, put together from its records.
fn message_of(octets: &[u8], wanted: u8) -> Option<Vec<u8>> {
    let mut handshake = Vec::new();
    let mut records = Reader(octets);
    loop {
        let mut so_far = Reader(&handshake);
        if let Some(found) = so_far.octet() {
            if found != wanted {
                return None;
            }
            if let Some(body) = so_far.block_of_three() {
                return Some(body.to_vec());
            }
        }
        if records.octet()? != HANDSHAKE {
            return None;
        }
        records.take(2)?;
        handshake.extend(records.block_of_two()?);
    }
}

fn server_name(mut hello: Reader<'_>) -> Option<Vec<u8>> {
    let mut extensions = Reader(hello.block_of_two()?);
    loop {
        let number = extensions.number()?;
        let data = extensions.block_of_two()?;
        if number != SERVER_NAME {
            continue;
        }
        let mut names = Reader(Reader(data).block_of_two()?);
        let kind = names.octet()?;
        let name = names.block_of_two()?;
        return (kind == HOST_NAME).then(|| name.to_vec());
    }
}

/// Takes octets from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn octet(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2)
            .map(|taken| u16::from_be_bytes([taken[0], taken[1]]))
    }

    /// A block whose length is given in one octet.
    fn block_of_one(&mut self) -> Option<&'a [u8]> {
        let length = self.octet()?;
        self.take(length.into())
    }

    /// The same with two octets.
    fn block_of_two(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length.into())
    }

    /// The same with three.
    fn block_of_three(&mut self) -> Option<&'a [u8]> {
        let length = self.take(3)?;
        let length = u32::from_be_bytes([0, length[0], length[1], length[2]]);
        self.take(usize::try_from(length).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A `ClientHello` written by hand: two suites and two signals, and the name `naf1.home1.net`
    /// after an extension that is passed over.
    fn hello() -> Vec<u8> {
        let name = b"naf1.home1.net";
        let mut extensions = vec![0x00, 0x17, 0x00, 0x00];
        extensions.extend([0x00, 0x00, 0x00, 0x13, 0x00, 0x11, 0x00, 0x00, 0x0e]);
        extensions.extend(name);
        let mut body = vec![0x03, 0x03];
        body.extend([0x5a; 32]);
        body.extend([0x00]);
        body.extend([0x00, 0x08, 0x1a, 0x1a, 0x00, 0xa8, 0x00, 0xae, 0x00, 0xff]);
        body.extend([0x01, 0x00]);
        body.extend([0x00, 0x1b]);
        body.extend(extensions);
        [vec![0x01, 0x00, 0x00, 0x4c], body].concat()
    }

    fn in_records(message: &[u8], of: usize) -> Vec<u8> {
        let records = message.chunks(of).map(|part| {
            let length = u8::try_from(part.len()).expect("a short record");
            [&[22, 3, 1, 0, length], part].concat()
        });
        records.collect::<Vec<_>>().concat()
    }

    #[rstest]
    #[case::one_record(200)]
    #[case::cut_into_records(7)]
    fn reads_suites_and_name(#[case] of: usize) {
        let hello = client_hello(&in_records(&hello(), of)).expect("a whole hello");
        assert_eq!(hello.suites, [CipherSuite(0x00a8), CipherSuite(0x00ae)]);
        assert_eq!(
            hello.server_name.as_deref(),
            Some(b"naf1.home1.net".as_slice())
        );
    }

    #[test]
    fn reads_a_hello_without_extensions() {
        let mut message = hello();
        message.truncate(4 + 34 + 1 + 10 + 2);
        message[3] = 0x2f;
        let hello = client_hello(&in_records(&message, 200)).expect("a whole hello");
        assert_eq!(hello.suites.len(), 2);
        assert_eq!(hello.server_name, None);
    }

    #[test]
    fn refuses_every_beginning_of_a_hello() {
        let whole = in_records(&hello(), 30);
        for length in 0..whole.len() {
            assert_eq!(client_hello(&whole[..length]), None, "{length} octets");
        }
    }

    #[rstest]
    #[case::http(b"GET / HTTP/1.1\r\n\r\n")]
    #[case::alert(&[21, 3, 3, 0, 2, 2, 40])]
    #[case::empty_records(&[22, 3, 3, 0, 0, 22, 3, 3, 0, 0])]
    #[case::length_beyond_the_end(&[22, 3, 3, 0xff, 0xff, 1, 0xff, 0xff, 0xff])]
    fn takes_anything_else_for_nothing(#[case] octets: &[u8]) {
        assert_eq!(client_hello(octets), None);
        assert_eq!(server_hello_suite(octets), None);
    }

    #[test]
    fn reads_the_chosen_suite() {
        let mut body = vec![0x03, 0x03];
        body.extend([0x5a; 32]);
        body.extend([0x02, 0xaa, 0xbb]);
        body.extend([0x00, 0xa8, 0x00]);
        let message = [vec![0x02, 0x00, 0x00, 0x28], body].concat();
        let octets = in_records(&message, 200);
        assert_eq!(server_hello_suite(&octets), Some(CipherSuite(0x00a8)));
        assert_eq!(client_hello(&octets), None);
    }
}
