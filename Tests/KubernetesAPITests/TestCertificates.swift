/// Keys and certificates of no worth, valid for a hundred years. The server is `cluster.test` and 127.0.0.1, the named
/// server is `cluster.test` only.
enum TestCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBmTCCAT+gAwIBAgIUSUKmIJH2j4XnY5dvP5XqTVmcThAwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWc3Rvd2FnZSB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQwMDQw
        MTlaGA8yMTI2MTAzMTAwNDAxOVowITEfMB0GA1UEAwwWc3Rvd2FnZSB0ZXN0IGF1
        dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJg1uojEDpEwcjzT+SP6
        SkVn0slqePklCzV60aRm12eCR9rR77wYLZEnuGxtv+gZ7ArUYt5o3ig8AZmAloOT
        rmejUzBRMB0GA1UdDgQWBBSyqchE0WMJlWXHslebaQsOPfPBpDAfBgNVHSMEGDAW
        gBSyqchE0WMJlWXHslebaQsOPfPBpDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
        BAMCA0gAMEUCIQCnrxIVIYJRGe2dOdzYhAUnluioGhLFEJ5dHjYEw2+/QwIgU7L8
        m9JJ8Zfm4GgTX0aLseLa2lVhV1+6VWRpjimMFqI=
        -----END CERTIFICATE-----
        """
    static let otherAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBkDCCATWgAwIBAgIUbawyzvd806pqJzyGk4jVyEgXTKMwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTI0MDA0MDE5WhgP
        MjEyNjEwMzEwMDQwMTlaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvc6KYrI3RW56+6PpQHsArVQoKOhuVc54
        zw4rRv2MHD7RPjdCubXajA0EqxRUgh9RHTYCoHANN8wMO6UTIURgHKNTMFEwHQYD
        VR0OBBYEFDgCx4WWb3UCvhkPcpmVikIlQdxwMB8GA1UdIwQYMBaAFDgCx4WWb3UC
        vhkPcpmVikIlQdxwMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
        APY1+UylfB7k4g5jHs+EawSqXQGo/QGlPjj7jfSm9EcZAiEAiV7Of6xB8WLiRF9W
        yjg3U4f5BDvxy0UaB+3R1KrFIhI=
        -----END CERTIFICATE-----
        """
    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBljCCAT2gAwIBAgIUb+p1fqoUQEQ1HBGpkckN/DazliwwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWc3Rvd2FnZSB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQwMDQw
        MTlaGA8yMTI2MTAzMTAwNDAxOVowETEPMA0GA1UEAwwGc2VydmVyMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAELbYZ+PZvTUZtLcLAOToXhDKBqnExLb4nJlpKsxvo
        3kK1wE9VH/9EOAAUMEJw8KE73NKgv9M5wmm/nppF8jHwUKNhMF8wHQYDVR0RBBYw
        FIIMY2x1c3Rlci50ZXN0hwR/AAABMB0GA1UdDgQWBBS0srqt55sZon5OipOoAFEJ
        KjZkDjAfBgNVHSMEGDAWgBSyqchE0WMJlWXHslebaQsOPfPBpDAKBggqhkjOPQQD
        AgNHADBEAiBKOpuo6vV19bdhp/MpLcJ2EgBsba0HLzYEWPUVupmbKwIgNG92IJFV
        BRJiDXPz+6ojlyRKZ3ej7hEiwRVgvZ60EeU=
        -----END CERTIFICATE-----
        """
    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiEszMfzOYhfrPoyP
        CwcioPve9/VfSvQH+H64d0V5j5OhRANCAAQtthn49m9NRm0twsA5OheEMoGqcTEt
        vicmWkqzG+jeQrXAT1Uf/0Q4ABQwQnDwoTvc0qC/0znCab+emkXyMfBQ
        -----END PRIVATE KEY-----
        """
    static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBjTCCATOgAwIBAgIUEmIl6lmQPZx/4FfWsvIOwbsvqxEwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWc3Rvd2FnZSB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQwMDQw
        MTlaGA8yMTI2MTAzMTAwNDAxOVowETEPMA0GA1UEAwwGY2xpZW50MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAE4brX+PRDHx7h+nBWHi7i/21/s8J894u1t5KyyJPW
        T3ARdgxxFsHIL3S3VcRaUeCEA9b9LJW7XYfFH5K3ut7x+KNXMFUwEwYDVR0lBAww
        CgYIKwYBBQUHAwIwHQYDVR0OBBYEFEznJWIE9oMukebdKHEAAOKCsTU4MB8GA1Ud
        IwQYMBaAFLKpyETRYwmVZceyV5tpCw4988GkMAoGCCqGSM49BAMCA0gAMEUCIQC6
        WZILeQhfUJ26rIqjkew/ccsVT4Uct0Oy0IF9VWFukQIga0xTLFVs+Aw1o+ctvprd
        qc5xC/lk1KvXlJWm8nEpsZw=
        -----END CERTIFICATE-----
        """
    static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2lmOgeznPQRuCc1G
        EViK+mAbORDrTZqutVFtj5bdfz6hRANCAAThutf49EMfHuH6cFYeLuL/bX+zwnz3
        i7W3krLIk9ZPcBF2DHEWwcgvdLdVxFpR4IQD1v0slbtdh8Ufkre63vH4
        -----END PRIVATE KEY-----
        """
    static let namedServer = """
        -----BEGIN CERTIFICATE-----
        MIIBkTCCATegAwIBAgIUXBbzd9AviMj9m7iwasSRMMZR7ggwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWc3Rvd2FnZSB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQwMDQ5
        NDBaGA8yMTI2MTAzMTAwNDk0MFowETEPMA0GA1UEAwwGc2VydmVyMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAELbYZ+PZvTUZtLcLAOToXhDKBqnExLb4nJlpKsxvo
        3kK1wE9VH/9EOAAUMEJw8KE73NKgv9M5wmm/nppF8jHwUKNbMFkwFwYDVR0RBBAw
        DoIMY2x1c3Rlci50ZXN0MB0GA1UdDgQWBBS0srqt55sZon5OipOoAFEJKjZkDjAf
        BgNVHSMEGDAWgBSyqchE0WMJlWXHslebaQsOPfPBpDAKBggqhkjOPQQDAgNIADBF
        AiEA4/xW4BX764FBDf1pChKri517TVP7SqA/RuBAXu1sIRACIFaZ6WYn53CgkMrt
        rZSl6QBaWX0hYFI4kGxPXq0E2+rK
        -----END CERTIFICATE-----
        """
}
