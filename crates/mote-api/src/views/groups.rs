//! Device groups.

use mote_core::groups::Group;
use serde::Serialize;
use utoipa::ToSchema;

/// A device group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupView {
    name: String,
    description: String,
    /// Hex color of its tag.
    color: String,
    /// The firmware version released to it; left out for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    fw_version: Option<i32>,
    /// How many devices are in it; not in lists, and not of a group that was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_count: Option<i64>,
}

impl GroupView {
    fn new(group: Group, counted: bool) -> Self {
        Self {
            name: group.name,
            description: group.description,
            color: group.color,
            fw_version: group.firmware_version,
            device_count: counted.then_some(group.device_count),
        }
    }
}

/// One group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupAnswer {
    group: GroupView,
}

impl GroupAnswer {
    /// A group that was just made.
    pub(crate) fn of_new(group: Group) -> Self {
        Self { group: GroupView::new(group, false) }
    }
}

impl From<Group> for GroupAnswer {
    fn from(group: Group) -> Self {
        Self { group: GroupView::new(group, true) }
    }
}

/// Groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupsAnswer {
    groups: Vec<GroupView>,
}

impl From<Vec<Group>> for GroupsAnswer {
    fn from(groups: Vec<Group>) -> Self {
        Self { groups: groups.into_iter().map(|group| GroupView::new(group, false)).collect() }
    }
}
