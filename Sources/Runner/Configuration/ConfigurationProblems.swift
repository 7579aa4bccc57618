internal import PositionedYAML

/// Collects what is wrong with a file while it is read.
final class ConfigurationProblems {
    /// A file that is something else altogether has one problem a line; more than these help nobody.
    private static let maximumCount = 200

    private let file: String
    /// `...` stands for keys that are not there, so that those are not told as missing.
    private let hasPlaceholders: Bool
    private var collected: [(mark: YAMLMark, problem: ConfigurationProblem)] = []

    init(file: String, hasPlaceholders: Bool) {
        self.file = file
        self.hasPlaceholders = hasPlaceholders
    }

    var isEmpty: Bool { collected.isEmpty }
    var count: Int { collected.count }

    func add(_ mark: YAMLMark, _ key: String?, _ problem: String, allowed: String? = nil) {
        collected.append(
            (
                mark,
                ConfigurationProblem(
                    file: file, line: mark.line, column: mark.column, key: key, problem: problem, allowed: allowed)
            ))
    }

    func addMissing(_ mark: YAMLMark, _ key: String, _ problem: String = "is missing", allowed: String) {
        if !hasPlaceholders { add(mark, key, problem, allowed: allowed) }
    }

    /// In the order of the file.
    var all: [ConfigurationProblem] {
        let sorted = collected.enumerated().sorted {
            ($0.element.mark, $0.offset) < ($1.element.mark, $1.offset)
        }.map(\.element)
        var problems = sorted.prefix(Self.maximumCount).map(\.problem)
        if sorted.count > Self.maximumCount {
            let next = sorted[Self.maximumCount].problem
            problems.append(
                ConfigurationProblem(
                    file: file, line: next.line, column: next.column, key: nil,
                    problem: "\(sorted.count - Self.maximumCount) more problems from here on", allowed: nil))
        }
        return problems
    }
}
