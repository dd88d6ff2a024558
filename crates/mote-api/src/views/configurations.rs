//! Configurations.

use mote_core::configurations::DeviceConfiguration;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The values that a product's devices have unless they have their own (contract: Configuration-GetProductConfig).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigurationAnswer {
    #[schema(value_type = Object)]
    configuration: Map<String, Value>,
}

impl From<Map<String, Value>> for ConfigurationAnswer {
    fn from(configuration: Map<String, Value>) -> Self {
        Self { configuration }
    }
}

/// What a device is configured with (contract: Configuration-GetDeviceConfig).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceConfigurationAnswer {
    configuration: StateView,
}

#[derive(Debug, Serialize, ToSchema)]
struct StateView {
    /// What it has confirmed to have; empty as long as it has not.
    #[schema(value_type = Object)]
    current: Map<String, Value>,
    /// What it is to be changed to; empty where it has that.
    #[schema(value_type = Object)]
    pending: Map<String, Value>,
}

impl From<DeviceConfiguration> for DeviceConfigurationAnswer {
    fn from(configuration: DeviceConfiguration) -> Self {
        let DeviceConfiguration { current, pending } = configuration;
        Self { configuration: StateView { current, pending } }
    }
}
