namespace Fibril.Broker.Hosting.Setup;

/// <summary>What the listeners serve TLS with.</summary>
internal enum TlsChoice
{
    /// <summary>Material of this deployment's own.</summary>
    Auto,

    /// <summary>A certificate and a key that were pasted.</summary>
    Provided,

    /// <summary>Nothing: no TLS.</summary>
    Skip,
}

/// <summary>Where the secret of the cluster comes from.</summary>
internal enum SecretChoice
{
    /// <summary>There is to be none; one that is there already stays.</summary>
    None,

    /// <summary>A new one.</summary>
    Generate,

    /// <summary>One that was pasted.</summary>
    Provided,
}

/// <summary>A user to make. A class without a text form of its own: it holds a password.</summary>
internal sealed class ChosenUser(string name, string password)
{
    public string Name => name;

    public string Password => password;
}

/// <summary>What somebody has chosen on the page of the setup. A class without a text form of its own: it holds secrets.</summary>
internal sealed class SetupChoices
{
    public required TlsChoice Tls { get; init; }

    /// <summary>With <see cref="TlsChoice.Provided"/>: the chain, leaf first.</summary>
    public string CertificatePem { get; init; } = "";

    /// <summary>With <see cref="TlsChoice.Provided"/>: the key of the leaf.</summary>
    public string KeyPem { get; init; } = "";

    /// <summary>Somebody who connects to the broker and has no role on the admin listener.</summary>
    public ChosenUser? BrokerUser { get; init; }

    /// <summary>Somebody who administers the broker; the admin listener then asks for a login.</summary>
    public ChosenUser? AdminUser { get; init; }

    public SecretChoice Secret { get; init; }

    /// <summary>With <see cref="SecretChoice.Provided"/>.</summary>
    public string SecretValue { get; init; } = "";
}

/// <summary>Choices that cannot be applied; the message is fit for people and holds no secret.</summary>
internal sealed class SetupRefusedException(string message, Exception? cause = null) : Exception(message, cause);
