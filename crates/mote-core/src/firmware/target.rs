//! Which firmware a device should have.

use mote_store::devices::DeviceRow;

use crate::products::Product;

impl Product {
    /// The version that a device of the product should have, which is in these groups (keys); none where it is left as it
    /// is. A development device and one in quarantine get none; else what it is locked to, else the highest that is
    /// released to one of its groups, else the product's default (the vendor's guide to device groups, "Firmware
    /// precedence rules").
    #[must_use]
    pub(crate) fn target(&self, device: &DeviceRow, groups: &[i64]) -> Option<i32> {
        if device.development || device.quarantined {
            return None;
        }
        let released = self.groups.iter().filter(|group| groups.contains(&group.id.0));
        let of_groups = released.filter_map(|group| group.firmware_version).max();
        device.desired_firmware_version.or(of_groups).or(self.default_firmware)
    }
}
