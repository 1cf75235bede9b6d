namespace Fibril.Broker.Security.Logins;

/// <summary>When a login is looked at.</summary>
internal enum LoginTurn
{
    /// <summary>Not at all: so many of its source wait already.</summary>
    Refused,

    /// <summary>Without a pause.</summary>
    AtOnce,

    /// <summary>After its source had to pause for earlier failures.</summary>
    AfterPause,
}
