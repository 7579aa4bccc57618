/// Puts one log together from what several connections bring of it: every line once, whatever a new connection repeats.
///
/// Lines come with their times. A new connection asks for all lines since the last second seen, since a time is cut to whole
/// seconds on its way to a kubelet, and those of that second that were seen are passed over.
struct LogStitch: Sendable {
    /// A line without an end is given on when it is so long.
    private static let longestLine = 1 << 20

    /// To be asked for in the next connection; nil for all.
    private(set) var since: String?
    private var second: [UInt8] = []
    /// Lines of that second, with their times, and how often each was given.
    private var seen: [[UInt8]: Int] = [:]
    private var repeated: [[UInt8]: Int] = [:]
    private var unfinished: [UInt8] = []

    /// `2026-11-25T04:00:00`
    private static let secondLength = 19

    /// A new connection. What the last one left unfinished comes again.
    mutating func begin() {
        repeated = seen
        unfinished = []
    }

    /// - Returns: lines, without times and without line feeds.
    mutating func receive(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        unfinished += bytes
        var (lines, start) = ([[UInt8]](), 0)
        while let end = unfinished[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let line = accept(unfinished[start..<end]) { lines.append(line) }
            start = end + 1
        }
        unfinished.removeFirst(start)
        if unfinished.count > Self.longestLine, let line = accept(unfinished[...]) {
            lines.append(line)
            unfinished = []
        }
        return lines
    }

    /// The end of the log.
    ///
    /// - Returns: its last line, where that had no line feed.
    mutating func finish() -> [UInt8]? {
        defer { unfinished = [] }
        return unfinished.isEmpty ? nil : accept(unfinished[...])
    }

    private mutating func accept(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        let whole = Array(line)
        guard let space = whole.firstIndex(of: UInt8(ascii: " ")), space > Self.secondLength,
            whole[10] == UInt8(ascii: "T")
        else { return whole }
        if let count = repeated[whole], count > 0 {
            repeated[whole] = count - 1
            return nil
        }
        let lineSecond = Array(whole[..<Self.secondLength])
        if second.lexicographicallyPrecedes(lineSecond) {
            second = lineSecond
            seen = [:]
            let zone = whole[Self.secondLength..<space].drop { $0 == UInt8(ascii: ".") || 0x30...0x39 ~= $0 }
            since = String(decoding: lineSecond + zone, as: UTF8.self)
        }
        if lineSecond == second { seen[whole, default: 0] += 1 }
        return Array(whole[(space + 1)...])
    }
}
