internal import CLibrary
internal import LocalFiles

/// Processes of Pods that nobody looks after any more: a server that was killed left them, or they left the session of
/// their container.
///
/// They are known by the Pod's uid in their environment, which what they start inherits; and by the process identifier
/// and start time that were noted, whose session they are in. Source: proc(5).
enum LeftoverProcesses {
    static let marker = "STOWAGE_POD_UID"

    /// Notes a process that was started for a container.
    static func note(_ process: Int32, _ container: String, in folder: PodFolder) throws {
        try PrivateFile.createFolder(folder.processes)
        try PrivateFile.write(
            "\(process) \(running(process)?.startTime ?? "")", to: "\(folder.processes)/\(container)")
    }

    /// Kills them.
    ///
    /// - Returns: how many there were.
    @discardableResult
    static func end(ofPods folders: [String: PodFolder]) -> Int {
        let noted = folders.values.flatMap(noted)
        // A session that was left can be left once more by what is being killed.
        var count = 0
        for _ in 0..<3 {
            let found = all().filter { process in
                process.podUID.map { folders[$0] != nil } ?? false || noted.contains { $0.hasMember(process) }
            }
            if found.isEmpty { break }
            count += found.count
            for process in found { kill(process.identifier, SIGKILL) }
        }
        return count
    }

    private struct Noted {
        let identifier: Int32
        let startTime: String

        /// The number of a session is not used again while the session has members.
        func hasMember(_ process: ProcessStatus) -> Bool {
            guard process.session == identifier else { return false }
            if process.identifier == identifier { return process.startTime == startTime }
            return running(identifier).map { $0.startTime == startTime } ?? true
        }
    }

    private static func noted(_ folder: PodFolder) -> [Noted] {
        let names = (try? FolderTree.entries(of: folder.processes)) ?? []
        return names.compactMap { name in
            guard let bytes = try? PrivateFile.read("\(folder.processes)/\(name)") else { return nil }
            let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            guard words.count == 2, let identifier = Int32(words[0]) else { return nil }
            return Noted(identifier: identifier, startTime: String(words[1]))
        }
    }

    private static func all() -> [ProcessStatus] {
        let names = (try? FolderTree.entries(of: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 != getpid() }.compactMap(running)
    }

    /// nil where there is none, or it has ended.
    private static func running(_ identifier: Int32) -> ProcessStatus? {
        ProcessStatus(identifier).flatMap { $0.hasEnded ? nil : $0 }
    }
}

extension ProcessStatus {
    /// nil for processes of other users, whose environment is hidden.
    fileprivate var podUID: String? {
        guard let bytes = try? PrivateFile.read("/proc/\(identifier)/environ") else { return nil }
        let prefix = Array("\(LeftoverProcesses.marker)=".utf8)
        let variable = bytes.split(separator: 0).first { $0.starts(with: prefix) }
        return variable.map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }
}
