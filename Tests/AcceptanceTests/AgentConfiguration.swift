/// Where a runner configuration of type `kubernetes-agent` begins.
enum AgentConfiguration {
    /// Up to what goes on with `  job:`.
    static let head = """
        runner_configuration:
          type: kubernetes-agent
          key: |
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=
            -----END PUBLIC KEY-----

        """
}
