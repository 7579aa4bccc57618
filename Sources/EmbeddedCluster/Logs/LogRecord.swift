/// One line of a container's log, or a part of a long one, as it lies in the file:
/// `2026-11-23T23:30:33.000000000Z stdout F text`.
///
/// Source: Kubernetes' CRI log format (k8s.io/kubernetes/pkg/kubelet/kuberuntime/logs).
struct LogRecord: Sendable {
    enum Stream: String, Sendable, CaseIterable {
        case standardOutput = "stdout"
        case standardError = "stderr"
    }

    /// As text, with nine digits of a second.
    let time: ArraySlice<UInt8>
    /// Whether the line ends with it.
    let isComplete: Bool
    let content: ArraySlice<UInt8>

    /// Longer lines are kept in parts.
    static let contentLimit = 16 << 10

    /// nil for what is no record.
    ///
    /// - Parameter line: without its line feed.
    init?(_ line: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        guard let first = line.firstIndex(of: space), let second = line[(first + 1)...].firstIndex(of: space),
            let third = line[(second + 1)...].firstIndex(of: space)
        else { return nil }
        time = line[..<first]
        isComplete = line[(second + 1)..<third].first == UInt8(ascii: "F")
        content = line[(third + 1)...]
    }

    static func bytes(
        _ content: some Collection<UInt8>, _ stream: Stream, isComplete: Bool, at now: Timestamp
    ) -> [UInt8] {
        var bytes = Array(timeText(now).utf8)
        bytes += " \(stream.rawValue) \(isComplete ? "F" : "P") ".utf8
        bytes += content
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    static func timeText(_ moment: Timestamp) -> String { "\(moment.microText.dropLast())000Z" }

    /// Whether it was written then or later. Times are all of one length, so that their texts compare as they do.
    func isSince(_ moment: [UInt8]) -> Bool { !time.lexicographicallyPrecedes(moment) }
}
