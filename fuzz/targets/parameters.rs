//! Parameters of one line: names, numbers, dates, ranges, scopes, addresses. Whatever is taken must be taken again as it is
//! kept. A semicolon parts two that belong together.
#![no_main]

use mote_core::Moment;
use mote_core::authorization::Scopes;
use mote_core::clients::fuzz_redirect;
use mote_core::diagnostics::VitalsRange;
use mote_core::events::{EventName, NatsSettings};
use mote_core::groups::{GroupColor, GroupName};
use mote_core::keys::{ServerKeys, TokenSecret};
use mote_core::locations::{DateRange, Rectangle};
use mote_core::names::{
    ApiUsername, ClientId, ClientName, CustomerName, DeviceId, DeviceName, FriendlyName, Iccid, ProductName,
    Slug, Username, VariableName,
};
use mote_core::notices::Locked;
use mote_core::tokens::Lifetime;

const NOW: Moment = Moment(1_600_000_000_000);

/// Reads a text with a type's parser, and what came of it once more.
macro_rules! kept {
    ($text:expr, $($name:ident),+) => {$(
        if let Some(read) = $name::parse($text).into_iter().next().map(|read| read.to_string()) {
            let again = $name::parse(&read).into_iter().next().map(|again| again.to_string());
            assert_eq!(again.as_ref(), Some(&read), stringify!($name));
        }
    )+};
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    kept!(
        text,
        ApiUsername,
        ClientId,
        ClientName,
        CustomerName,
        DeviceId,
        DeviceName,
        EventName,
        FriendlyName,
        Iccid
    );
    kept!(text, ProductName, Username, VariableName);
    if let Ok(name) = ProductName::parse(text) {
        let _ = Slug::of(&name).with_suffix(7);
    }
    if let Some(secret) = TokenSecret::parse(text) {
        assert_eq!(secret.expose().to_ascii_lowercase(), text.to_ascii_lowercase());
    }
    if let Some(moment) = Moment::from_date(text) {
        let shown = moment.to_iso();
        assert_eq!(Moment::from_iso(&shown).map(Moment::to_iso), Some(shown));
    }
    assert!(EventName::of_server(text).as_str().bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
    let _ = (
        GroupName::parse("group", text),
        GroupColor::parse(text),
        DateRange::parse(text),
        Locked::parse(text),
    );
    let _ = (NatsSettings::parse(text), ServerKeys::parse(text));
    let _ = Scopes::parse(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
    fuzz_redirect(text);
    for lifetime in [Lifetime::asked(Some(text), None, NOW), Lifetime::asked(None, Some(text), NOW)] {
        assert!(lifetime.is_err() || lifetime.is_ok_and(|life| life.end(NOW).is_none_or(|end| end > NOW)));
    }
    let (one, other) = text.split_once(';').unwrap_or((text, text));
    let _ = (Rectangle::parse(one, other), VitalsRange::parse(Some(one), Some(other), NOW, 30));
});
