internal import CLibrary
internal import LocalFiles

/// The program that plans and applies: `terraform` or `tofu`.
struct Engine: Sendable, Hashable {
    static let names = ["terraform", "tofu"]

    /// An absolute path.
    let path: String

    /// Whether its `kubernetes` backend refuses suffixes such as `…-123456789012`, going by the program's name.
    ///
    /// A program under another name is taken for Terraform: refusing a run that would have worked is the safe mistake.
    var refusesNumericTail: Bool { !path.hasSuffix("/tofu") }

    /// Whether it reads `*.tofu` files, going by the program's name; others ignore them.
    var readsTofuFiles: Bool { path.hasSuffix("/tofu") }

    /// Finds the engine that is meant.
    ///
    /// - Parameters:
    ///   - name: `terraform`, `tofu` or a path; nil takes the one that is on PATH, if there is exactly one.
    ///   - searchPath: the value of `PATH`.
    static func resolve(_ name: String?, searchPath: String) throws(RunError) -> Engine {
        guard let name else { return try onlyOne(searchPath) }
        if name.contains("/") {
            guard let path = resolvedPath(name), isExecutable(path) else {
                throw RunError(.engineMissing, "--engine \(name) is no program that can be run")
            }
            // The name is kept as it was given: it may be a link whose own name tells which engine it is.
            return Engine(path: name.hasPrefix("/") ? name : path)
        }
        guard let path = find(name, searchPath) else {
            throw RunError(.engineMissing, "--engine \(name) is not on PATH; \(whereToGetOne)")
        }
        return Engine(path: path)
    }

    private static let whereToGetOne =
        "get OpenTofu from https://opentofu.org/docs/intro/install or Terraform from "
        + "https://developer.hashicorp.com/terraform/install, or pass the program's path with --engine"

    private static func onlyOne(_ searchPath: String) throws(RunError) -> Engine {
        let found = names.compactMap { find($0, searchPath) }
        switch found.count {
        case 1: return Engine(path: found[0])
        case 0: throw RunError(.engineMissing, "neither terraform nor tofu is on PATH; \(whereToGetOne)")
        default:
            throw RunError(
                .engineAmbiguous,
                "both terraform and tofu are on PATH, and one may not read what the other wrote; "
                    + "pass --engine terraform or --engine tofu")
        }
    }

    private static func find(_ name: String, _ searchPath: String) -> String? {
        let path = searchPath.split(separator: ":").map { "\($0)/\(name)" }.first { isExecutable($0) }
        // The engine is started in another folder than the one that a relative entry of PATH is meant for.
        return path.flatMap { $0.hasPrefix("/") ? $0 : resolvedPath($0) }
    }

    private static func isExecutable(_ path: String) -> Bool {
        access(path, X_OK) == 0 && !PrivateFile.isFolder(path)
    }
}
