//! Keys in all forms, and the examples of the RFCs.

use super::*;

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The example of RFC 8037, appendix A.4.
#[test]
fn what_ed25519_signed_is_known() {
    let jwk =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"one"}"#;
    let (key, kid) = PublicKey::parse(jwk).unwrap();
    assert_eq!((key.algorithm, kid.as_deref()), (SigningAlgorithm::EdDsa, Some("one")));
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature =
        decoded("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    assert!(key.signed(message, &signature));
    assert!(!key.signed(&message[1..], &signature) && !key.signed(message, &signature[1..]));
}

/// The example of RFC 7515, appendix A.3.
#[test]
fn what_p256_signed_is_known() {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","alg":"ES256","use":"sig"}"#;
    let (key, kid) = PublicKey::parse(jwk).unwrap();
    assert_eq!((key.algorithm, kid), (SigningAlgorithm::Es256, None));
    let message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature =
        decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    assert!(key.signed(message, &signature));
    assert!(!key.signed(message, &[]) && !key.signed(b"", &signature));
}

/// The example of RFC 7515, appendix A.2.
#[test]
fn what_rsa_signed_is_known() {
    let modulus = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
                   T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB\
                   dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia\
                   GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    let jwk = format!(r#"{{"kty":"RSA","n":"{modulus}","e":"AQAB"}}"#);
    let (key, _) = PublicKey::parse(&jwk).unwrap();
    assert_eq!(key.algorithm, SigningAlgorithm::Rs256);
    let message = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb\
                     F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN\
                     9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A\
                     XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert!(key.signed(message, &decoded(signature)));
    assert!(!key.signed(&message[1..], &decoded(signature)));
    // The same key in PEM is the same.
    let info = spki::SubjectPublicKeyInfo {
        algorithm: spki::AlgorithmIdentifier { oid: RSA, parameters: Some(spki::der::asn1::Null) },
        subject_public_key: spki::der::asn1::BitString::from_bytes(&key.bytes).unwrap(),
    };
    let pem = spki::der::EncodePem::to_pem(&info, spki::der::pem::LineEnding::LF).unwrap();
    assert_eq!(PublicKey::parse(&pem).unwrap(), (key, None));
}

#[test]
fn what_is_no_public_key_is_refused() {
    let why = |text: &str| match PublicKey::parse(text) {
        Err(Error::Invalid { field: "public_key", why }) => why,
        other => panic!("{text}: {other:?}"),
    };
    let small = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, URL_SAFE_NO_PAD.encode([0xff; 128]));
    let even = format!(r#"{{"kty":"RSA","n":"{}","e":"Ag"}}"#, URL_SAFE_NO_PAD.encode([0xff; 256]));
    let huge = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, URL_SAFE_NO_PAD.encode([0xff; 1024]));
    let x = URL_SAFE_NO_PAD.encode([7; 32]);
    for (text, expected) in [
        ("", "PEM"),
        ("hello", "PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "private key"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "not a PUBLIC KEY"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "well-formed"),
        ("{}", "JWK"),
        ("{\"kty\":\"oct\",\"k\":\"AAAA\"}", "shared secret"),
        ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}", "Ed25519"),
        ("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAA\"}", "neither"),
        ("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", "neither"),
        ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", "point"),
        (&small, "neither"),
        (&even, "neither"),
        (&huge, "neither"),
        (&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":"{x}"}}"#), "private key"),
        (&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"enc"}}"#), "signatures"),
        (&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","alg":"HS256"}}"#), "otherwise"),
        (&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{}"}}"#, "k".repeat(256)), "kid"),
        (&format!(r#"{{"kty":"OKP","kty":"RSA","crv":"Ed25519","x":"{x}"}}"#), "JWK"),
        (&"x".repeat(8193), "too long"),
    ] {
        assert!(why(text).contains(expected), "{text}: {}", why(text));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".*", der: Vec<u8>, signature: Vec<u8>) {
        let _ = PublicKey::parse(&text);
        let _ = PublicKey::parse(&format!("{{\"kty\":\"RSA\",\"n\":\"{}\",\"e\":\"AQAB\"}}", URL_SAFE_NO_PAD.encode(&der)));
        let pem = spki::der::pem::encode_string("PUBLIC KEY", spki::der::pem::LineEnding::LF, &der).unwrap();
        let _ = PublicKey::parse(&pem);
        for algorithm in SigningAlgorithm::ALL {
            let key = PublicKey { algorithm, bytes: der.clone() };
            proptest::prop_assert!(!key.signed(b"message", &signature));
        }
    }
}
