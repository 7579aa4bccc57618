internal import CLibrary

/// How many files, and so connections, the process may have open.
public enum OpenFiles {
    /// For the store, the log, processes, and what else is not a connection.
    public static let reserved = 256

    /// Asks for as many as the system allows.
    ///
    /// - Returns: how many that is; nil where the system does not say.
    public static func raiseLimit() -> Int? {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return nil }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(kind, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    #if canImport(Glibc)
        private static let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let kind = RLIMIT_NOFILE
    #endif
}
