//! What clients sign: a JWT, or its parts, a line each, before they are encoded. Nobody who lacks the private keys may come up
//! with another text than the corpus has.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mote_core::Moment;
use mote_core::clients::fuzz_assertion;

/// Their private halves are nowhere any more.
const KEYS: [&str; 3] = [
    include_str!("../corpus/client_key/rsa.pem"),
    include_str!("../corpus/client_key/ec.pem"),
    include_str!("../corpus/client_key/ed25519.pem"),
];
/// What was signed with them.
const SIGNED: &str = ".eyJpc3MiOiJtZS0xIiwic3ViIjoibWUtMSIsImF1ZCI6Imh0dHBzOi8vbSIsImV4cCI6MTA2MCwiaWF0IjoxMDAwLCJqdGkiOiJ4In0.";
/// When it is good.
const NOW: Moment = Moment(1_000_000);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let encoded = [(); 3].map(|()| URL_SAFE_NO_PAD.encode(parts.next().unwrap_or_default()));
    for jwt in [std::str::from_utf8(bytes).unwrap_or_default(), &encoded.join(".")] {
        assert!(!fuzz_assertion(jwt, &KEYS, NOW) || jwt.contains(SIGNED), "forged: {jwt}");
    }
});
