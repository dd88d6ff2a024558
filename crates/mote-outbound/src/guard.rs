//! Which addresses are of the outside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What is not of the outside in IPv4: the special-purpose registry of IANA (RFC 6890) as far as it is not globally
/// reachable, multicast, and the one public address that is the inside of a cloud.
const INSIDE_V4: &[Ipv4Net] = &[
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([168, 63, 129, 16], 32), // Azure's platform, reachable from its machines only.
    v4([169, 254, 0, 0], 16),   // Link-local; 169.254.169.254 tells a machine's secrets on most clouds.
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// Where all of the outside is in IPv6: global unicast (RFC 4291).
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);
/// What is not of it all the same.
const INSIDE_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0], 23), // IETF protocols, Teredo among them, which has other addresses within.
    v6([0x2001, 0xdb8, 0], 32), // Documentation.
    v6([0x2002, 0, 0], 16), // 6to4: has an IPv4 address within.
    v6([0x3fff, 0, 0], 20), // Documentation.
];
/// IPv6's way to IPv4 where there is no other (RFC 6052): the last 32 bits are what counts.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);

const fn v4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(address: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Decides which addresses may be connected to: those of the outside, and the networks that the operator allows.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Arc<[IpNet]>,
}

impl Guard {
    /// With these networks allowed beside the outside.
    #[must_use]
    pub fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Whether this address may be connected to.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        // `::ffff:127.0.0.1` is 127.0.0.1.
        let address = address.to_canonical();
        if self.allowed.iter().any(|network| network.contains(&address)) {
            return true;
        }
        match address {
            IpAddr::V4(address) => !INSIDE_V4.iter().any(|network| network.contains(&address)),
            IpAddr::V6(address) if NAT64.contains(&address) => {
                let [.., a, b, c, d] = address.octets();
                self.admits(Ipv4Addr::new(a, b, c, d).into())
            }
            IpAddr::V6(address) => {
                GLOBAL_V6.contains(&address) && !INSIDE_V6.iter().any(|network| network.contains(&address))
            }
        }
    }

    /// Whether a host may be asked, as far as one can tell before its name is resolved: an address that is not admitted, and
    /// `localhost`, may not.
    #[must_use]
    pub fn may_admit(&self, host: &url::Host<&str>) -> bool {
        match host {
            url::Host::Ipv4(address) => self.admits((*address).into()),
            url::Host::Ipv6(address) => self.admits((*address).into()),
            url::Host::Domain(name) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                let local = name == "localhost" || name.ends_with(".localhost");
                !local || self.admits(Ipv4Addr::LOCALHOST.into()) || self.admits(Ipv6Addr::LOCALHOST.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSIDE: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
    ];
    const OUTSIDE: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450:4001::1",
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_inside_is_told_from_the_outside() {
        let guard = Guard::default();
        for inside in INSIDE {
            assert!(!guard.admits(address(inside)), "{inside}");
        }
        for outside in OUTSIDE {
            assert!(guard.admits(address(outside)), "{outside}");
        }
    }

    #[test]
    fn the_operator_can_allow_some_of_the_inside() {
        let guard = Guard::new(&["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for allowed in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a00:1", "fd12::1", "8.8.8.8"] {
            assert!(guard.admits(address(allowed)), "{allowed}");
        }
        for refused in ["127.0.0.1", "192.168.0.1", "::1", "fe80::1", "169.254.169.254"] {
            assert!(!guard.admits(address(refused)), "{refused}");
        }
    }

    #[test]
    fn hosts_that_cannot_be_are_known_before_they_are_resolved() {
        let host = |text: &'static str| url::Url::parse(text).unwrap();
        let (closed, open) = (Guard::default(), Guard::new(&["127.0.0.0/8".parse().unwrap()]));
        for inside in [
            "http://localhost/",
            "http://LOCALHOST./",
            "http://x.localhost/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
        ] {
            assert!(!closed.may_admit(&host(inside).host().unwrap()), "{inside}");
        }
        assert!(open.may_admit(&host("http://localhost/").host().unwrap()));
        assert!(open.may_admit(&host("http://127.0.0.1/").host().unwrap()));
        assert!(closed.may_admit(&host("https://example.com/").host().unwrap()));
    }

    proptest::proptest! {
        #[test]
        fn a_mapped_address_is_what_is_mapped(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            let guard = Guard::default();
            proptest::prop_assert_eq!(guard.admits(plain.into()), guard.admits(plain.to_ipv6_mapped().into()));
            let nat64 = Ipv6Addr::from_bits((0x64_ff9b << 96) | u128::from(bits));
            proptest::prop_assert_eq!(guard.admits(plain.into()), guard.admits(nat64.into()));
        }
    }
}
