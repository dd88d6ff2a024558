//! The devices of a product: found, added, taken away as a table, and looked at one by one.

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::stream;
use http::header;
use mote_api::body::UploadForm;
use mote_api::csv::{Cell, Csv};
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{
    DevicesGet, DevicesImport, DevicesList, DevicesRelease, DevicesRemove, DevicesUpdate, DiagnosticsGet,
};
use mote_core::devices::{Device, DeviceChange, DevicePage, Import, Imported, ListQuery, SortBy};
use mote_core::firmware::platform_name;
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfProduct;
use crate::failure::{Failure, to_tell};
use crate::form::{self, Form, Nothing, pretty};
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, Shown, page, shown};
use crate::session::Person;

const TAB: &str = "Devices";
/// Devices in one piece of a table that is taken away.
const PER_PIECE: i64 = 1000;

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
            per_page: None,
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

/// Device IDs to add: pasted, in a file, or both.
pub(super) struct ImportForm {
    ids: Vec<String>,
    claim_user: Option<String>,
}

#[derive(Deserialize)]
struct ImportFields {
    form_token: Option<String>,
    #[serde(default)]
    ids: String,
    claim_user: Option<String>,
}

impl FromRequest<Mote> for ImportForm {
    type Rejection = Failure;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let form = UploadForm::<ImportFields>::read(request, &["file"]).await;
        let form = form.map_err(|_| Failure::Malformed)?;
        form::check(&headers, mote, form.fields.form_token.as_deref())?;
        let file = form.file.map(|file| file.bytes).unwrap_or_default();
        // What is no text has no IDs in it; each such line is refused by name.
        let text = format!("{}\n{}", form.fields.ids, String::from_utf8_lossy(&file));
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '\u{feff}'));
        let ids = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let claim_user = form.fields.claim_user.filter(|user| !user.trim().is_empty());
        Ok(Self { ids, claim_user })
    }
}

#[derive(Template)]
#[template(path = "devices_import.html")]
struct ImportPage {
    shell: Shell,
    frame: ProductFrame,
    imported: Option<Imported>,
}

/// Refused IDs that are shown; the count says how many there are.
const MOST_SHOWN: usize = 200;

/// `GET /products/{product}/devices/import`
pub(super) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesImport>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    Ok(page(&ImportPage { shell, frame, imported: None }))
}

/// `POST /products/{product}/devices/import`
pub(super) async fn import(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesImport>,
    form: ImportForm,
) -> Result<Response, Failure> {
    let done = mote.import_devices(&access, Import { ids: form.ids, claim_user: form.claim_user }).await;
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    match done {
        Ok(imported) => Ok(page(&ImportPage { shell, frame, imported: Some(imported) })),
        Err(error) => {
            Ok(page(&ImportPage { shell: shell.with_refused(Some(to_tell(error)?)), frame, imported: None }))
        }
    }
}

/// The parameters of a device's path.
#[derive(Deserialize)]
pub(super) struct Named {
    device: String,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePageOf {
    shell: Shell,
    frame: ProductFrame,
    device: Device,
    platform: String,
    vitals: Option<(Shown, String)>,
    may_not_update: Option<String>,
    may_not_release: Option<String>,
    may_not_remove: Option<String>,
}

async fn device_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<DevicesGet>,
    named: &str,
) -> Result<DevicePageOf, Failure> {
    let device = mote.product_device(access, named).await?;
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let named = mote_core::products::ProductRef::Id(access.product().id);
    let of_vitals = mote.product_access::<DiagnosticsGet>(person.grant.clone(), &named).await?;
    let vitals = match mote.last_product_device_vitals(&of_vitals, &device.id).await {
        Ok(last) => Some((shown(last.at), pretty(&last.payload))),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let (may_not_update, may_not_release, may_not_remove) = (
        frame.why_not::<DevicesUpdate>(),
        frame.why_not::<DevicesRelease>(),
        frame.why_not::<DevicesRemove>(),
    );
    let platform = platform_name(device.platform_id.into());
    Ok(DevicePageOf {
        shell,
        frame,
        device,
        platform,
        vitals,
        may_not_update,
        may_not_release,
        may_not_remove,
    })
}

/// `GET /products/{product}/devices/{device}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesGet>,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let mut of = device_page(&mote, &person, &access, &named.device).await?;
    of.shell = of.shell.with_done(done.done.as_deref());
    Ok(page(&of))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Change {
    name: Option<String>,
    notes: String,
    groups: String,
    development: Option<String>,
}

/// `POST /products/{product}/devices/{device}`
pub(super) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesUpdate>,
    OfProduct(looking): OfProduct<DevicesGet>,
    Path(named): Path<Named>,
    Form(form): Form<Change>,
) -> Result<Response, Failure> {
    let groups: Vec<String> =
        form.groups.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let change = async {
        let change = DeviceChange {
            name: form.name,
            notes: Some(form.notes),
            groups: Some(mote.assignment("groups", &groups)?),
            development: Some(form.development.is_some()),
            ..DeviceChange::default()
        };
        mote.update_product_device(&access, &named.device, change).await
    };
    match change.await {
        Ok(device) => {
            let (slug, id) = (&access.product().slug, device.id);
            Ok(Redirect::to(&format!("/products/{slug}/devices/{id}?done=saved")).into_response())
        }
        Err(error) => {
            let mut of = device_page(&mote, &person, &looking, &named.device).await?;
            of.shell = of.shell.with_refused(Some(to_tell(error)?));
            Ok(page(&of))
        }
    }
}

/// `POST /products/{product}/devices/{device}/release`
pub(super) async fn release(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRelease>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.release_product_device(&access, &named.device).await?;
    let slug = &access.product().slug;
    Ok(Redirect::to(&format!("/products/{slug}/devices/{}?done=released", named.device)))
}

/// `POST /products/{product}/devices/{device}/remove`
pub(super) async fn remove(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRemove>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.remove_product_device(&access, &named.device, false).await?;
    Ok(Redirect::to(&format!("/products/{}/devices?done=removed", access.product().slug)))
}
