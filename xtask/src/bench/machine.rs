//! What the figures were measured on.

/// One line about the machine.
pub(super) fn facts() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = processor(&read("/proc/cpuinfo"));
    let kernel = read("/proc/sys/kernel/osrelease");
    let memory = gibibytes(&read("/proc/meminfo"));
    let load = read("/proc/loadavg");
    format!(
        "{cores} cores ({processor}), {memory} of memory, {} {}, load {} at the start",
        std::env::consts::OS,
        kernel.trim(),
        load.split(' ').next().unwrap_or("unknown")
    )
}

fn processor(cpuinfo: &str) -> String {
    let names = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let name = names.filter(|(name, _)| name.trim() == "model name").map(|(_, value)| value.trim()).next();
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}

fn gibibytes(meminfo: &str) -> String {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = total.and_then(|total| total.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kibibytes.map_or_else(|| "unknown".into(), |kibibytes| format!("{:.1} GiB", kibibytes / 1_048_576.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_and_the_memory_have_a_name_and_a_size() {
        assert_eq!(processor("processor\t: 0\nmodel name\t: AMD EPYC\nflags\t: fpu\n"), "AMD EPYC");
        assert_eq!(processor(""), std::env::consts::ARCH);
        assert_eq!(gibibytes("MemTotal:        8388608 kB\nMemFree: 1 kB\n"), "8.0 GiB");
    }
}
