internal import OrderedJSON
internal import PositionedYAML
internal import StateStorage

/// Reads a Job's `pod_template`: takes it as it is, and refuses what the runner sets itself.
///
/// What the rest of a PodTemplateSpec may hold is the cluster's to judge.
struct PodTemplateCheck {
    /// The environment variables that the runner sets in its own container.
    static let reservedVariables = [
        "ORG_ID", "RUNNER_ID", "DEPLOYMENT_ID", "DEPLOYMENT_ENV_UUID", "MODE", "LOG_LEVEL",
    ]
    /// The runner's own container.
    static let mainContainer = "main"
    private static let directives = ["$patch", "$retainKeys"]

    let problems: ConfigurationProblems

    func template(_ job: ConfigurationMapping) -> JSON? {
        guard let member = job.member("pod_template") else { return nil }
        if member.value.string != nil {
            problems.add(
                member.value.mark, job.key("pod_template"),
                "expected a mapping, found a string; a JSON string is how the Terraform provider has it",
                allowed: "a PodTemplateSpec: metadata, spec")
            return nil
        }
        let before = problems.count
        let known = ["metadata", "spec"] + Self.directives
        let template = job.mapping("pod_template", known: known, isRequired: false) { key in
            key == "template" ? "what stands in it belongs here" : key.hasPrefix("$") ? "not a directive for it" : nil
        }
        guard let template else { return nil }
        if let metadata = template.mapping("metadata", known: nil, isRequired: false) {
            refuse("namespace", of: metadata, "the Job's namespace is job.namespace, and its Pod is there too")
        }
        if let spec = template.mapping("spec", known: nil, isRequired: false) {
            for name in ["serviceAccountName", "serviceAccount"] {
                refuse(name, of: spec, "the Pod's ServiceAccount is job.service_account")
            }
            for list in ["containers", "initContainers"] { check(list, of: spec) }
        }
        checkNumbers(member.value, template.path)
        if problems.count == before { tryMerge(member.value, template.path) }
        return member.value.json
    }

    /// What directives do to a Job shows when they are followed.
    private func tryMerge(_ template: YAMLValue, _ path: String) {
        guard let environment = try? EnvironmentID("00000000-0000-4000-8000-000000000000") else { return }
        let manifest = JobManifest(
            job: JobSettings(namespace: "any", serviceAccount: "any", podTemplate: template.json),
            deployment: DeploymentID(), environment: environment, mode: .deploy, image: "any", organization: "any",
            runner: "any")
        do throws(PodTemplateError) {
            _ = try manifest.json()
        } catch {
            problems.add(
                template.mark, path, error.cause, allowed: "what leaves the runner's own container as it needs it")
        }
    }

    private func refuse(_ name: String, of mapping: ConfigurationMapping, _ reason: String) {
        guard let member = mapping.member(name) else { return }
        problems.add(
            member.keyMark, mapping.key(name), "cannot be set by pod_template: \(reason)", allowed: "leave it out")
    }

    /// Lists that are merged by the names of their elements need the names.
    private func check(_ list: String, of spec: ConfigurationMapping) {
        for container in elements(list, of: spec, named: "name") where container.name == Self.mainContainer {
            for variable in elements("env", of: container.mapping, named: "name") {
                guard let name = variable.name, Self.reservedVariables.contains(name) else { continue }
                problems.add(
                    variable.mark, variable.mapping.key("name"), "'\(name)' is set by the runner itself",
                    allowed: "any but \(Self.reservedVariables.joined(separator: ", "))")
            }
        }
    }

    private func elements(
        _ list: String, of mapping: ConfigurationMapping, named nameKey: String
    ) -> [(mapping: ConfigurationMapping, name: String?, mark: YAMLMark)] {
        guard let member = mapping.member(list), !member.value.isNull else { return [] }
        guard let elements = member.value.sequence else {
            problems.add(
                member.value.mark, mapping.key(list), "expected a list, found \(member.value.kind)", allowed: "a list")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            let path = "\(mapping.key(list))[\(index)]"
            guard let members = element.members else {
                problems.add(
                    element.mark, path, "expected a mapping, found \(element.kind)", allowed: "a mapping with a name")
                return nil
            }
            let mapping = ConfigurationMapping(element.mark, members, path: path, known: nil, problems: problems)
            // `$patch: replace` stands alone in an element of its own.
            guard !(mapping.has("$patch") && !mapping.has(nameKey)) else { return nil }
            let name = mapping.text(nameKey, allowed: "a name, by which elements are merged")
            return (mapping, name?.value, name?.mark ?? element.mark)
        }
    }

    private func checkNumbers(_ value: YAMLValue, _ path: String) {
        switch value.content {
        case .number(nil):
            problems.add(value.mark, path, "a number that JSON does not have", allowed: "a finite number, or a string")
        case .sequence(let elements):
            for (index, element) in elements.enumerated() { checkNumbers(element, "\(path)[\(index)]") }
        case .mapping(let members):
            for member in members { checkNumbers(member.value, "\(path).\(member.key)") }
        default: break
        }
    }
}
