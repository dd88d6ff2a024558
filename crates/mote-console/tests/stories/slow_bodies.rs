//! A form takes its time, and what its sender may do ends meanwhile: then it comes to nothing. And who may send a large one.

use axum::body::Body;
use http::{Request, StatusCode, header};
use mote_core::authorization::Role;
use mote_testkit::Halves;

use crate::cloud::{Browser, Cloud, Page};
use crate::on_both_engines;

on_both_engines!(
    a_member_who_is_taken_off_adds_no_devices,
    a_member_who_is_taken_off_uploads_nothing,
    a_large_form_is_no_exception,
    who_is_signed_in_may_send_large_forms_and_nobody_else,
);

const PRODUCT: &str = "/products/tempmon-v100";
const MULTIPART: &str = "multipart/form-data; boundary=b";
const FORM: &str = "application/x-www-form-urlencoded";

/// An owner with a product, and a member who is a Developer of it.
async fn world(cloud: &Cloud) -> (Browser<'_>, Browser<'_>) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    let member = cloud.person("you@example.com").await;
    cloud.join(1001, "you@example.com", Role::Developer).await;
    (owner, member)
}

/// The member sends half of a form, is taken off the team, and sends the rest.
async fn taken_off_meanwhile(
    cloud: &Cloud,
    owner: &mut Browser<'_>,
    member: &Browser<'_>,
    (path, kind, body): (&str, &str, &str),
) -> Page {
    owner.get(&format!("{PRODUCT}/team")).await;
    let (pieces, beside) = Halves::of(body).with(async {
        let gone = owner.post(&format!("{PRODUCT}/team/remove"), &[("username", "you@example.com")]).await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    });
    let request: Request<Body> = member
        .request("POST", &format!("{PRODUCT}/{path}"))
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from_stream(pieces))
        .unwrap();
    tokio::join!(cloud.send(request), beside).0
}

fn multipart(parts: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--b--\r\n"
}

async fn a_member_who_is_taken_off_adds_no_devices(cloud: Cloud) {
    let (mut owner, mut member) = world(&cloud).await;
    let path = format!("{PRODUCT}/devices/import");
    member.get(&path).await;
    let form = multipart(&[("form_token", &member.form_token()), ("ids", "e00fce680000000000000001")]);
    let made = taken_off_meanwhile(&cloud, &mut owner, &member, ("devices/import", MULTIPART, &form)).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN, "{}", made.text);
    assert!(owner.get(&format!("{PRODUCT}/devices")).await.text.contains("No devices yet"));
}

async fn a_member_who_is_taken_off_uploads_nothing(cloud: Cloud) {
    let (mut owner, mut member) = world(&cloud).await;
    member.get(&format!("{PRODUCT}/firmware")).await;
    let form = multipart(&[("form_token", &member.form_token()), ("version", "1"), ("file", "no binary")]);
    let made = taken_off_meanwhile(&cloud, &mut owner, &member, ("firmware", MULTIPART, &form)).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN, "{}", made.text);
}

/// A schema of more than anybody may send.
fn large_schema() -> String {
    format!("{{\"description\": \"{}\"}}", "x".repeat(100_000))
}

async fn a_large_form_is_no_exception(cloud: Cloud) {
    let (mut owner, mut member) = world(&cloud).await;
    let path = format!("{PRODUCT}/configuration");
    member.get(&path).await;
    let (token, schema) = (member.form_token(), large_schema());
    let fields = [("form_token", token.as_str()), ("schema", &schema)];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    // The first half has to be more than is read of anybody.
    let form = format!("{form}&more={}", "x".repeat(100_000));
    let set = taken_off_meanwhile(&cloud, &mut owner, &member, ("configuration/schema", FORM, &form)).await;
    assert_eq!(set.status, StatusCode::FORBIDDEN, "{}", set.text);
    assert!(owner.get(&path).await.text.contains("draft-07"), "the schema where none is set");
}

async fn who_is_signed_in_may_send_large_forms_and_nobody_else(cloud: Cloud) {
    let (mut owner, mut member) = world(&cloud).await;
    let (path, schema) = (format!("{PRODUCT}/configuration"), large_schema());
    member.get(&path).await;
    let to = format!("{path}/schema");
    let set = member.post(&to, &[("schema", &schema)]).await;
    assert_eq!(set.location(), format!("{path}?done=saved"), "{}", set.text);
    assert!(owner.get(&path).await.text.contains("xxx"));
    let forged = member.post_with(&to, &[("schema", &schema)], Some("00"), &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let too_large = "x".repeat(5 << 20);
    assert_eq!(member.post(&to, &[("schema", &too_large)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut nobody = Browser::new(&cloud);
    nobody.get("/sign-in").await;
    for page in ["/sign-in", "/sign-up", "/oauth/authorize", "/reset-password"] {
        let refused = nobody.post(page, &[("username", "me@example.com"), ("password", &schema)]).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{page}: {}", refused.text);
    }
    let unknown = nobody.post(&to, &[("schema", &schema)]).await;
    assert_eq!(unknown.location(), "/sign-in");
}
