namespace Fibril.Broker.Security.Users;

/// <summary>What a user may do on the admin surface; each role may what the one before it may. On disk: append only, never renumber.</summary>
internal enum UserRole : byte
{
    /// <summary>Nothing: a user of the broker only.</summary>
    None = 0,

    /// <summary>Looks at what there is.</summary>
    Viewer = 1,

    /// <summary>Works with channels and messages.</summary>
    Operator = 2,

    /// <summary>Changes users, settings and certificates, too.</summary>
    Admin = 3,
}
