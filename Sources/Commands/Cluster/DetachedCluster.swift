internal import CLibrary
internal import EmbeddedCluster
internal import LocalFiles

/// A server started in the background, in a session of its own, that outlives the command that started it.
///
/// swift-subprocess ties a child to the scope that started it, which is what everything else here wants; hence posix_spawn.
struct DetachedCluster {
    let processIdentifier: Int32
    private let logPath: String

    #if canImport(Darwin)
        private static let newSession = Int16(POSIX_SPAWN_SETSID)
    #else
        /// `POSIX_SPAWN_SETSID` of spawn.h, which Glibc declares only for GNU programs.
        private static let newSession: Int16 = 0x80
    #endif

    /// - Throws: `FileError` when the log cannot be written or the program cannot be started.
    static func start(executable: String, arguments: [String], folder: ClusterFolder) throws -> DetachedCluster {
        // What the server before this one had to say is what one looks for after it died.
        rename(folder.logPath, folder.previousLogPath)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, folder.logPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.newSession)

        let words = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let number = posix_spawn(&process, executable, &actions, &attributes, words, environ)
        guard number == 0 else { throw FileError(path: executable, action: "start", number: number) }
        return DetachedCluster(processIdentifier: process, logPath: folder.logPath)
    }

    /// Whether it ended. It is our child, so its status is collected here.
    var hasEnded: Bool {
        var status: Int32 = 0
        let result = waitpid(processIdentifier, &status, WNOHANG)
        return result == processIdentifier || (result == -1 && errno == ECHILD)
    }

    /// The last thing it said, which is why it ended, without the program's name.
    var lastLine: String? {
        guard let bytes = try? PrivateFile.read(logPath) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map { line in
            String(line.hasPrefix(messagePrefix) ? line.dropFirst(messagePrefix.count) : line)
        }
    }
}
