//! Faults on demand. A fault names the requests that it affects, such as `GET /apps/*/releases`: `*` matches one
//! segment of the path (`*.git` a segment with that end, `build-*` one with that beginning), `**` the rest of the path,
//! and `*` in place of the method any method.

mod construct;
mod fault;

pub use fault::Fault;

/// The active faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    set: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.set.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.set.clear();
    }

    pub(crate) fn all(&self) -> &[Fault] {
        &self.set
    }

    /// The faults that affect this request. Each of them is counted as having occurred.
    pub(crate) fn meet(&mut self, method: &str, path: &str) -> Vec<Fault> {
        let mut met = Vec::new();
        for fault in &mut self.set {
            if fault.route().is_some_and(|route| matches(route, method, path)) {
                if let Some(left) = fault.before().filter(|left| **left > 0) {
                    *left -= 1;
                    continue;
                }
                met.push(fault.clone());
                if let Some(Some(left)) = fault.count() {
                    *left = left.saturating_sub(1);
                }
                // A delay or a header can be combined with another fault; of the others, the first one applies.
                if !matches!(fault, Fault::Slow { .. } | Fault::Headers { .. }) {
                    break;
                }
            }
        }
        self.set.retain_mut(|fault| fault.count().is_none_or(|count| *count != Some(0)));
        met
    }

    /// The first fault that satisfies a condition. It is counted as having occurred.
    pub(crate) fn occur(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let fault = self.set.iter_mut().find(|fault| fits(fault))?;
        let met = fault.clone();
        if let Some(Some(left)) = fault.count() {
            *left = left.saturating_sub(1);
        }
        self.set.retain_mut(|fault| fault.count().is_none_or(|count| *count != Some(0)));
        Some(met)
    }

    /// The first fault that satisfies a condition.
    pub(crate) fn about(&self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        self.set.iter().find(|fault| fits(fault)).cloned()
    }
}

/// Whether a request matches `route`.
pub(crate) fn matches(route: &str, method: &str, path: &str) -> bool {
    let (wanted, pattern) = route.split_once(' ').unwrap_or(("*", route));
    if wanted != "*" && !wanted.eq_ignore_ascii_case(method) {
        return false;
    }
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let mut patterns = pattern.split('/').filter(|segment| !segment.is_empty());
    loop {
        match (patterns.next(), segments.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some(pattern), Some(segment)) if fits(pattern, segment) => {}
            _ => return false,
        }
    }
}

fn fits(pattern: &str, segment: &str) -> bool {
    let named = pattern.starts_with('{') && pattern.ends_with('}');
    named
        || pattern == segment
        || pattern.strip_prefix('*').is_some_and(|end| segment.ends_with(end))
        || pattern.strip_suffix('*').is_some_and(|start| segment.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_by_segment() {
        assert!(matches("GET /apps/*/releases", "GET", "/apps/x/releases"));
        assert!(matches("GET /apps/{app}", "GET", "/apps/x"));
        assert!(matches("/logs/**", "GET", "/logs/secret"));
        assert!(matches("/streams/build-*", "GET", "/streams/build-secret"));
        assert!(!matches("/streams/build-*", "GET", "/streams/secret"));
        assert!(matches("* /*.git/info/refs", "GET", "/x.git/info/refs"));
        assert!(!matches("GET /apps/*", "GET", "/apps/x/releases"));
        assert!(!matches("POST /apps/*", "GET", "/apps/x"));
    }

    #[test]
    fn a_fault_can_begin_after_some_requests() {
        let mut faults = Faults::default();
        faults.add(Fault::hang("GET /apps").after(2).times(1));
        let met: Vec<usize> = (0..4).map(|_| faults.meet("GET", "/apps").len()).collect();
        assert_eq!(met, [0, 0, 1, 0]);
    }

    #[test]
    fn a_fault_ends_after_its_count() {
        let mut faults = Faults::default();
        faults.add(Fault::answer("GET /apps", 503).times(2));
        let met: Vec<usize> = (0..3).map(|_| faults.meet("GET", "/apps").len()).collect();
        assert_eq!(met, [1, 1, 0]);
        assert!(faults.all().is_empty());
    }
}
