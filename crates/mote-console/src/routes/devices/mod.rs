//! The devices of a product: found, and taken away as a table. [`mod@import`] adds some, and [`device`] is about one.

mod ask;
mod device;
mod import;
mod vitals;

pub(super) use ask::{call, read, refresh};
pub(super) use device::{release, remove, see, update};
pub(super) use import::{ask, import};

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header;
use mote_api::csv::{Cell, Csv};
use mote_core::authorization::table::{DevicesImport, DevicesList};
use mote_core::devices::{Device, DevicePage, ListQuery, SortBy};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfProduct;
use crate::address::Query;
use crate::failure::Failure;
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

const TAB: &str = "Devices";
/// Devices in one piece of a table that is taken away.
const PER_PIECE: i64 = 1000;
/// Devices on a page.
const PER_PAGE: i64 = 100;

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    id: String,
    name: String,
    serial: String,
    group: String,
    state: String,
    sort: String,
    page: Option<i64>,
    done: Option<String>,
}

impl Search {
    fn query(&self) -> ListQuery {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (sort_by, ascending) = match self.sort.as_str() {
            "name" => (SortBy::DeviceName, Some(true)),
            "id" => (SortBy::DeviceId, Some(true)),
            "firmware" => (SortBy::FirmwareVersion, Some(false)),
            _ => (SortBy::LastConnection, None),
        };
        ListQuery {
            groups: some(&self.group).into_iter().collect(),
            device_id: some(&self.id),
            device_name: some(&self.name),
            serial_number: some(&self.serial),
            quarantined: match self.state.as_str() {
                "quarantined" => Some(true),
                "approved" => Some(false),
                _ => None,
            },
            sort_by,
            ascending,
            page: Some(self.page.unwrap_or(1)),
            per_page: Some(PER_PAGE),
        }
    }

    fn is_narrow(&self) -> bool {
        [&self.id, &self.name, &self.serial, &self.group, &self.state].iter().any(|text| !text.is_empty())
    }

    /// The query of another page.
    fn at(&self, page: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let fields = [
            ("id", &self.id),
            ("name", &self.name),
            ("serial", &self.serial),
            ("group", &self.group),
            ("state", &self.state),
            ("sort", &self.sort),
        ];
        query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
        query.append_pair("page", &page.to_string()).finish()
    }
}

#[derive(Template)]
#[template(path = "devices.html")]
struct ListPage {
    shell: Shell,
    frame: ProductFrame,
    search: Search,
    found: DevicePage,
    may_not_import: Option<String>,
}

/// `GET /products/{product}/devices`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesList>,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    let shell = shell.with_done(search.done.as_deref());
    let found = mote.product_devices(&access, search.query()).await?;
    let may_not_import = frame.why_not::<DevicesImport>();
    Ok(page(&ListPage { shell, frame, search, found, may_not_import }))
}

/// `GET /products/{product}/devices.csv`: all that was found, in pieces, so that a fleet of any size costs no memory.
pub(super) async fn export(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesList>,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    let name = format!("{}-devices.csv", access.product().slug);
    let query = ListQuery {
        per_page: Some(PER_PIECE),
        sort_by: SortBy::DeviceId,
        ascending: Some(true),
        ..search.query()
    };
    // The first piece is asked for at once, so that a search that makes no sense is refused as a page.
    let first = mote.product_devices(&access, ListQuery { page: Some(1), ..query.clone() }).await?;
    let pages = first.total_pages();
    let start = (mote, access, query, Some(first));
    let pieces = stream::try_unfold((1, start), move |(number, (mote, access, query, first))| async move {
        if number > pages.max(1) {
            return Ok::<_, Error>(None);
        }
        let found = match first {
            Some(first) => first,
            None => mote.product_devices(&access, ListQuery { page: Some(number), ..query.clone() }).await?,
        };
        Ok(Some((table(&found.devices, number == 1), (number + 1, (mote, access, query, None)))))
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn table(devices: &[Device], with_head: bool) -> Bytes {
    let mut csv = Csv::default();
    if with_head {
        let head = [
            "id",
            "name",
            "serial_number",
            "owner",
            "groups",
            "firmware_version",
            "online",
            "quarantined",
            "last_heard",
        ];
        csv.row(head.map(Cell::Text));
    }
    for device in devices {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            device.id.clone(),
            text(&device.name),
            text(&device.serial_number),
            device.owner.as_ref().map(|owner| owner.username.clone()).unwrap_or_default(),
            device.groups.join(" "),
            device.firmware_version.map(|version| version.to_string()).unwrap_or_default(),
            device.online.to_string(),
            device.quarantined.to_string(),
            device.last_heard.map(mote_core::Moment::to_iso).unwrap_or_default(),
        ];
        csv.row(cells.iter().map(|cell| Cell::Text(cell)));
    }
    csv.into_text().into()
}
