//! What needs a device to be connected: its functions, its variables, its light.
//!
//! All of it goes through [`Mote::ask`]: the device must be within the caller's reach, and have a session. Fleet health
//! counts there what devices are asked, and what came of it.

use serde_json::Value;

use super::Device;
use super::lookup::Reach;
use crate::authorization::table::{
    DevicesCall, DevicesPing, DevicesRead, DevicesUpdate, OwnDevicesCall, OwnDevicesPing, OwnDevicesRead,
    OwnDevicesUpdate,
};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::fleet_metrics::{CallOutcome, Counted};
use crate::sessions::Session;
use crate::{Error, Mote};

/// Bytes of a function's argument at most: what the newest Device OS takes (older ones take 63 and cut the rest).
const LONGEST_ARGUMENT: usize = 1024;

/// What a device is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    /// A function's call.
    Call,
    /// A variable's value.
    Read,
    /// To flash its LED.
    Signal,
    /// To tell of itself.
    Vitals,
}

impl Question {
    /// What fleet health counts of it.
    fn counted(self, outcome: CallOutcome) -> Option<Counted> {
        match self {
            Self::Call => Some(Counted::Function(outcome)),
            Self::Read => Some(Counted::Variable(outcome)),
            Self::Signal | Self::Vitals => None,
        }
    }
}

impl Mote {
    /// Calls a function on a device of the account: the device, and what the function returned.
    pub async fn call_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesCall>,
        named: &str,
        function: &str,
        argument: &str,
    ) -> Result<(Device, i32), Error> {
        self.call(Reach::Owner(access.owner()), named, function, argument).await
    }

    /// Calls a function on a device of the product: the device, and what the function returned.
    pub async fn call_product_device(
        &self,
        access: &ProductAccess<DevicesCall>,
        named: &str,
        function: &str,
        argument: &str,
    ) -> Result<(Device, i32), Error> {
        self.call(Reach::Product(access.product().id), named, function, argument).await
    }

    /// Reads a variable of a device of the account: the device, and the value.
    pub async fn read_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesRead>,
        named: &str,
        variable: &str,
    ) -> Result<(Device, Value), Error> {
        self.read(Reach::Owner(access.owner()), named, variable).await
    }

    /// Reads a variable of a device of the product: the device, and the value.
    pub async fn read_product_device(
        &self,
        access: &ProductAccess<DevicesRead>,
        named: &str,
        variable: &str,
    ) -> Result<(Device, Value), Error> {
        self.read(Reach::Product(access.product().id), named, variable).await
    }

    /// Makes the LED of a device of the account flash, or stops that.
    pub async fn signal_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesUpdate>,
        named: &str,
        on: bool,
    ) -> Result<(), Error> {
        self.signal(Reach::Owner(access.owner()), named, on).await
    }

    /// Makes the LED of a device of the product flash, or stops that.
    pub async fn signal_product_device(
        &self,
        access: &ProductAccess<DevicesUpdate>,
        named: &str,
        on: bool,
    ) -> Result<(), Error> {
        self.signal(Reach::Product(access.product().id), named, on).await
    }

    /// Whether a device of the account answers.
    pub async fn ping_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesPing>,
        named: &str,
    ) -> Result<bool, Error> {
        self.ping(Reach::Owner(access.owner()), named).await
    }

    /// Whether a device of the product answers.
    pub async fn ping_product_device(
        &self,
        access: &ProductAccess<DevicesPing>,
        named: &str,
    ) -> Result<bool, Error> {
        self.ping(Reach::Product(access.product().id), named).await
    }

    async fn call(
        &self,
        reach: Reach,
        named: &str,
        function: &str,
        argument: &str,
    ) -> Result<(Device, i32), Error> {
        if argument.len() > LONGEST_ARGUMENT {
            return Err(Error::invalid("arg", format!("is text of {LONGEST_ARGUMENT} bytes at most")));
        }
        let device = self.device_within(reach, named).await?;
        let ask = async |session: Session| {
            if !device.functions.iter().any(|known| known == function) {
                return Err(Error::UnknownFunction(shown(function)));
            }
            Ok(session.call(function.to_owned(), argument.to_owned()).await?)
        };
        let returned = self.ask(reach, &device, Question::Call, ask).await?;
        Ok((device, returned))
    }

    async fn read(&self, reach: Reach, named: &str, variable: &str) -> Result<(Device, Value), Error> {
        let device = self.device_within(reach, named).await?;
        let ask = async |session: Session| {
            if !device.variables.contains_key(variable) {
                return Err(Error::UnknownVariable(shown(variable)));
            }
            Ok(session.read(variable.to_owned()).await?)
        };
        let value = self.ask(reach, &device, Question::Read, ask).await?;
        Ok((device, value))
    }

    async fn signal(&self, reach: Reach, named: &str, on: bool) -> Result<(), Error> {
        let device = self.device_within(reach, named).await?;
        let ask = async |session: Session| Ok(session.signal(on).await?);
        self.ask(reach, &device, Question::Signal, ask).await
    }

    async fn ping(&self, reach: Reach, named: &str) -> Result<bool, Error> {
        let device = self.device_within(reach, named).await?;
        Ok(match self.sessions().of(&device.id) {
            Some(session) => session.ping().await.is_ok(),
            None => false,
        })
    }

    /// The one way to a connected device.
    pub(crate) async fn ask<T>(
        &self,
        reach: Reach,
        device: &Device,
        question: Question,
        ask: impl AsyncFnOnce(Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if device.quarantined && matches!(reach, Reach::Product(_)) {
            return Err(Error::Quarantined);
        }
        let (answer, outcome) = match self.sessions().of(&device.id) {
            Some(session) => {
                let answer = ask(session).await;
                let outcome = match &answer {
                    Ok(_) => Some(CallOutcome::Success),
                    // Nothing was sent.
                    Err(Error::UnknownFunction(_) | Error::UnknownVariable(_)) => None,
                    Err(_) => Some(CallOutcome::Failure),
                };
                (answer, outcome)
            }
            None => (Err(Error::Offline), Some(CallOutcome::Offline)),
        };
        if let (Some(product), Some(counted)) = (device.product, outcome.and_then(|it| question.counted(it)))
        {
            self.count(product, &device.traits(), counted);
        }
        answer
    }
}

/// A name that a caller sent, for a message: not at any length.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}
