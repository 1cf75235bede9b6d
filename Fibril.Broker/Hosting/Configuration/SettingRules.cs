using System.Net;
using System.Net.Sockets;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What has to fit together in the merged configuration.</summary>
internal sealed class SettingRules(BrokerOptions options, Func<string, SettingSource> sourceOf)
{
    /// <summary>Returns what does not fit. Settings with a problem already are left alone: nobody chose their values.</summary>
    public IEnumerable<ConfigurationProblem> Check(IReadOnlyCollection<ConfigurationProblem> known)
    {
        (Func<ConfigurationProblem?> Rule, string[] Keys)[] rules =
        [
            (CheckAdminReach, [Settings.AdminBind, Settings.AllowUnauthenticated]),
            (CheckListeners, [Settings.BrokerBind, Settings.AdminBind]),
            (CheckPartitionCounts, [Settings.DefaultPartitionCount, Settings.MaxPartitionCount]),
        ];
        return rules
            .Where(check => !known.Any(problem => check.Keys.Contains(problem.Subject)))
            .Select(check => check.Rule())
            .OfType<ConfigurationProblem>();
    }

    /// <summary>What is allowed but should not go unnoticed.</summary>
    public IEnumerable<string> FindWarnings()
    {
        if (IsAdminOpen && options.Admin.Auth.AllowUnauthenticated)
        {
            yield return $"{Settings.AdminBind}: {options.Admin.Bind} can be reached from other machines and asks nobody for a password "
                + $"({Settings.AllowUnauthenticated} = true)";
        }

        if (options.Auth.Users.Count > 0 && !IPAddress.IsLoopback(options.Sessions.Bind.Address))
        {
            yield return $"{Settings.SeedUsers}: passwords travel in clear text, because the broker listener has no TLS; "
                + "use it in trusted networks only";
        }
    }

    private bool IsAdminOpen => !IPAddress.IsLoopback(options.Admin.Bind.Address);

    private ConfigurationProblem? CheckAdminReach()
    {
        if (!IsAdminOpen || options.Admin.Auth.AllowUnauthenticated) return null;
        string local = new IPEndPoint(IPAddress.Loopback, options.Admin.Bind.Port).ToString();
        bool inFile = sourceOf(Settings.AdminBind).Notation == Notation.Toml;
        string open = inFile ? "allow_unauthenticated = true under [admin.auth]" : $"{Settings.AllowUnauthenticated} = true";
        return Problem(
            Settings.AdminBind, options.Admin.Bind, "can be reached from other machines, and the admin listener asks nobody for a password",
            $"a loopback address, or any address together with {Settings.AllowUnauthenticated} = true",
            local, $" to stay on this machine, or {open} to let everybody in");
    }

    private ConfigurationProblem? CheckListeners()
    {
        IPEndPoint broker = options.Sessions.Bind, admin = options.Admin.Bind;
        if (admin.Port == 0 || admin.Port != broker.Port || !Overlap(admin.Address, broker.Address)) return null;

        // Of two values that collide, the one somebody wrote is the one to change.
        (string key, string otherKey, IPEndPoint bind, IPEndPoint other) = sourceOf(Settings.AdminBind) is DefaultSource
            ? (Settings.BrokerBind, Settings.AdminBind, broker, admin)
            : (Settings.AdminBind, Settings.BrokerBind, admin, broker);
        int free = bind.Port == IPEndPoint.MaxPort ? bind.Port - 1 : bind.Port + 1;
        return Problem(
            key, bind, $"takes the port of {otherKey} ({other}, {sourceOf(otherKey)})",
            "two ports, or two addresses of which neither is every address", new IPEndPoint(bind.Address, free).ToString());
    }

    private ConfigurationProblem? CheckPartitionCounts()
    {
        int count = options.Delivery.DefaultPartitionCount, most = options.Sessions.MaxPartitionCount;
        return count <= most ? null : Problem(
            Settings.DefaultPartitionCount, count,
            $"is more than {Settings.MaxPartitionCount} ({most}, {sourceOf(Settings.MaxPartitionCount)}), "
            + "so no queue could be declared without a count",
            $"a number from 1 to {most}", most);
    }

    private ConfigurationProblem Problem(string key, object found, string what, string allowed, object instead, string insteadNote = "")
    {
        SettingSource source = sourceOf(key);
        string spelled = instead is string text && source.Notation == Notation.Toml ? Printable.TomlString(text) : $"{instead}";
        return new ConfigurationProblem(ProblemKind.Value, key, what, source)
        {
            Found = $"{found}",
            Allowed = allowed,
            Instead = source.Assign(key, spelled) + insteadNote,
        };
    }

    // The operating system gives "every address" only to a listener that has the port to itself; [::] means IPv4 too.
    private static bool Overlap(IPAddress one, IPAddress other) =>
        Covers(one, other) || Covers(other, one) || Plain(one).Equals(Plain(other));

    private static bool Covers(IPAddress every, IPAddress address) =>
        every.Equals(IPAddress.IPv6Any)
        || Plain(every).Equals(IPAddress.Any) && Plain(address).AddressFamily == AddressFamily.InterNetwork;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
