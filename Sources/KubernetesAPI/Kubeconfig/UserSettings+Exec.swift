internal import OrderedJSON

extension UserSettings {
    private static let apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    /// The plug-in that `exec` describes.
    func execPlugin(_ exec: KubeconfigValue) throws(KubeconfigError) -> ExecPlugin {
        let versionKey = try exec.required("apiVersion")
        let version = try versionKey.string()
        guard Self.apiVersions.contains(version) else {
            throw versionKey.error(.unsupported, "expected \(Self.apiVersions.joined(separator: " or "))")
        }
        try checkInteractiveMode(exec, version)
        let commandKey = try exec.required("command")
        let command = try commandKey.string()
        var variables = environment
        for entry in try exec.elements("env") {
            let name = try entry.required("name").string()
            guard !name.contains("=") else { throw entry.error(.invalid, "the name of a variable cannot hold '='") }
            variables[name] = try entry.string("value") ?? ""
        }
        return ExecPlugin(
            command: command.contains("/") ? try commandKey.filePath() : command,
            arguments: try exec.strings("args"), environment: variables, apiVersion: version,
            installHint: try exec.string("installHint"),
            clusterInfo: try exec.bool("provideClusterInfo") ? try clusterInfo() : nil, place: exec.place)
    }

    private func checkInteractiveMode(_ exec: KubeconfigValue, _ version: String) throws(KubeconfigError) {
        guard let mode = try exec.member("interactiveMode") else {
            guard version.hasSuffix("v1beta1") else { throw exec.error(.invalid, "'interactiveMode' is missing") }
            return
        }
        switch try mode.string() {
        case "Never", "IfAvailable": return
        case "Always":
            throw mode.error(.unsupported, "the plug-in wants a terminal, which it is not given here; use a token")
        default: throw mode.error(.invalid, "expected Never, IfAvailable or Always")
        }
    }

    private func clusterInfo() throws(KubeconfigError) -> JSON {
        var info: JSON = ["server": .string(try cluster.required("server").string())]
        if let name = try cluster.string("tls-server-name") { info["tls-server-name"] = .string(name) }
        if try cluster.bool("insecure-skip-tls-verify") { info["insecure-skip-tls-verify"] = true }
        if let authority = try cluster.data("certificate-authority") {
            info["certificate-authority-data"] = .string(Base64.encode(authority.bytes))
        }
        if let proxy = try cluster.string("proxy-url") { info["proxy-url"] = .string(proxy) }
        for entry in try cluster.elements("extensions")
        where try entry.string("name") == "client.authentication.k8s.io/exec" {
            info["config"] = try entry.member("extension")?.json
        }
        return info
    }
}
