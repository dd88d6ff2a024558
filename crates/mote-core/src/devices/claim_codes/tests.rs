//! A whole domain on SQLite, in which devices bring codes along.

use std::sync::atomic::Ordering;

use mote_store::customers::CustomerRow;

use super::*;
use crate::devices::device::new_row;
use crate::testing::World;
use crate::{CustomerId, OwnerId};

impl World {
    async fn customer(&self, product: ProductId) -> CustomerId {
        let now = self.mote.now();
        let id = CustomerId::of_new_key(self.mote.new_key(now));
        let row = CustomerRow {
            id: id.0,
            product_id: product.0,
            username: "jane@example.com".into(),
            password_hash: None,
            created_at: now.0,
            updated_at: now.0,
        };
        self.mote.store().write(move |db| mote_store::customers::insert(db, &row)).await.unwrap();
        id
    }

    async fn device(&self, number: u8, product: Option<ProductId>) -> DeviceId {
        let id = DeviceId::parse(&format!("{number:024x}")).unwrap();
        let mut row = new_row(&id, 13, self.mote.now());
        row.product_id = product.map(|product| product.0);
        self.mote.store().write(move |db| devices::insert(db, &row)).await.unwrap();
        id
    }

    async fn code(&self, whose: OwnerId, product: Option<ProductId>, modem: Modem) -> Result<String, Error> {
        let access = self.mote.owner_access(self.grant(whose, product).await).unwrap();
        Ok(self.mote.create_claim_code(&access, modem).await?.expose().to_owned())
    }

    async fn bring(&self, device: &DeviceId, code: &str) -> CodeClaim {
        self.mote.claim_by_code(device, code).await.unwrap()
    }
}

fn iccid(number: &str) -> Modem {
    Modem { iccid: Some(number.into()), imei: None }
}

#[tokio::test]
async fn a_code_is_good_for_one_device_within_an_hour() {
    let world = World::new().await;
    let me: OwnerId = world.account("me@example.com").await.into();
    let (one, other) = (world.device(1, None).await, world.device(2, None).await);
    let code = world.code(me, None, Modem::default()).await.unwrap();
    assert_eq!(code.len(), 63);
    assert!(code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')));
    for wrong in ["", "nonsense", &code[..62], &code.to_lowercase()] {
        assert_eq!(world.bring(&one, wrong).await, CodeClaim::Refused, "{wrong}");
    }
    assert_eq!(world.bring(&one, &code).await, CodeClaim::Claimed(me));
    assert_eq!(world.bring(&other, &code).await, CodeClaim::Refused, "it is spent");
    let code = world.code(me, None, Modem::default()).await.unwrap();
    world.clock.fetch_add(3_600_000, Ordering::SeqCst);
    assert_eq!(world.bring(&other, &code).await, CodeClaim::Refused, "it is over");
    // A device that is its owner's already stays so, and spends the code.
    let code = world.code(me, None, Modem::default()).await.unwrap();
    assert_eq!(world.bring(&one, &code).await, CodeClaim::Claimed(me));
    assert_eq!(world.bring(&other, &code).await, CodeClaim::Refused);
    let unknown = DeviceId::parse(&"f".repeat(24)).unwrap();
    assert!(matches!(world.mote.claim_by_code(&unknown, &code).await, Err(Error::UnknownDevice)));
}

#[tokio::test]
async fn a_code_does_not_take_what_is_somebody_elses() {
    let world = World::new().await;
    let (me, you): (OwnerId, OwnerId) =
        (world.account("me@example.com").await.into(), world.account("you@example.com").await.into());
    let (one, other) = (world.device(1, None).await, world.device(2, None).await);
    let mine = world.code(me, None, Modem::default()).await.unwrap();
    assert_eq!(world.bring(&one, &mine).await, CodeClaim::Claimed(me));
    let yours = world.code(you, None, Modem::default()).await.unwrap();
    assert_eq!(world.bring(&one, &yours).await, CodeClaim::Refused);
    assert_eq!(world.bring(&other, &yours).await, CodeClaim::Claimed(you), "it was left for this one");
}

#[tokio::test]
async fn a_customers_code_claims_devices_of_his_product_while_he_is_one() {
    let world = World::new().await;
    let maker = world.account("me@example.com").await;
    let (own, foreign) = (world.product(maker, "Own").await, world.product(maker, "Foreign").await);
    let jane = world.customer(own).await;
    let inside = world.device(1, Some(own)).await;
    let outside = [world.device(2, Some(foreign)).await, world.device(3, None).await];
    let code = world.code(jane.into(), Some(own), Modem::default()).await.unwrap();
    for device in &outside {
        assert_eq!(world.bring(device, &code).await, CodeClaim::Refused);
    }
    assert_eq!(world.bring(&inside, &code).await, CodeClaim::Claimed(jane.into()));
    let code = world.code(jane.into(), Some(own), Modem::default()).await.unwrap();
    world.mote.store().write(move |db| mote_store::customers::delete(db, own.0, &[jane.0])).await.unwrap();
    let another = world.device(4, Some(own)).await;
    assert_eq!(world.bring(&another, &code).await, CodeClaim::Refused);
    // A device whose owner is gone is free.
    let code = world.code(maker.into(), None, Modem::default()).await.unwrap();
    assert_eq!(world.bring(&inside, &code).await, CodeClaim::Claimed(maker.into()));
}

#[tokio::test]
async fn a_modems_numbers_stand_for_a_code() {
    let world = World::new().await;
    let (me, you): (OwnerId, OwnerId) =
        (world.account("me@example.com").await.into(), world.account("you@example.com").await.into());
    let device = world.device(1, None).await;
    let number = "8934076500002589174";
    assert_eq!(world.code(me, None, iccid(number)).await.unwrap(), number);
    assert_eq!(world.code(me, None, iccid(number)).await.unwrap(), number, "again");
    assert!(matches!(world.code(you, None, iccid(number)).await, Err(Error::Conflict(_))));
    assert_eq!(world.bring(&device, &format!("{number}F")).await, CodeClaim::Claimed(me));
    assert_eq!(world.code(you, None, iccid(number)).await.unwrap(), number, "it was spent");
    for bad in ["", "12", "893407650000258917x", &"8".repeat(23)] {
        assert!(matches!(world.code(me, None, iccid(bad)).await, Err(Error::Invalid { .. })), "{bad}");
    }
    let imei = Modem { iccid: None, imei: Some("352753090000000".into()) };
    assert_eq!(world.code(me, None, imei).await.unwrap(), "352753090000000");
    let both = Modem { iccid: Some(number.into()), imei: Some("352753090000000".into()) };
    assert!(world.code(me, None, both).await.is_err());
}

#[tokio::test]
async fn an_owner_has_few_codes_at_a_time_and_none_are_left_when_they_are_over() {
    let world = World::new().await;
    let me: OwnerId = world.account("me@example.com").await.into();
    let first = world.code(me, None, Modem::default()).await.unwrap();
    for _ in 0..MOST {
        world.clock.fetch_add(1, Ordering::SeqCst);
        world.code(me, None, Modem::default()).await.unwrap();
    }
    let device = world.device(1, None).await;
    assert_eq!(world.bring(&device, &first).await, CodeClaim::Refused);
    let last = world.code(me, None, Modem::default()).await.unwrap();
    world.clock.fetch_add(3_601_000, Ordering::SeqCst);
    while world.mote.sweep().await.unwrap() {}
    let key = world.mote.keys().digester.digest(Purpose::ClaimCode, last.as_bytes()).key;
    assert!(world.mote.store().read(move |db| rows::get(db, key)).await.unwrap().is_none());
}
