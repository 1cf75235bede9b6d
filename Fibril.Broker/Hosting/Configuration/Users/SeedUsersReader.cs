using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Reads the entries of one user list and reports each mistake at its own place.</summary>
internal sealed class SeedUsersReader(string key, RawValue raw, SettingTarget target)
{
    private const string UserName = "username";
    private const string Password = "password";
    private const string PasswordFile = "password_file";

    private static readonly string[] Fields = [UserName, Password, PasswordFile];

    public List<ConfiguredUser> Read(FileList list)
    {
        var users = new List<ConfiguredUser>();
        for (int index = 0; index < list.Items.Count; index++)
        {
            string subject = $"{key}, entry {index + 1}";
            if (ReadEntry(subject, list.Items[index]) is not { } user) continue;
            if (users.Exists(earlier => earlier.UserName == user.UserName))
                AddDuplicate(subject, user, list.Items[index]);
            else
                users.Add(user);
        }

        return users;
    }

    private ConfiguredUser? ReadEntry(string subject, FileNode node)
    {
        if (node is not FileTable table)
        {
            Add(subject, $"found {node.TypeName}, not a table", node,
                "a table with username and password, or password_file", """{ username = "...", password = "..." }""");
            return null;
        }

        foreach (FileEntry entry in table.Entries.Where(entry => !Fields.Contains(entry.Name))) AddUnknown(subject, entry);
        string? name = ReadName(subject, table);
        string? password = table[PasswordFile] is null ? ReadPassword(subject, table) : ReadPasswordFile(subject, table);
        return name is null || password is null ? null : new ConfiguredUser(name, password);
    }

    private string? ReadName(string subject, FileTable table)
    {
        const string Instead = "username = \"alice\"";
        if (ReadText(subject, table, UserName, UserRules.AllowedName, Instead) is not { } text) return null;
        string name = text.Value.Trim();
        if (UserNames.Fault(name) is not { } fault) return name;
        Add($"{subject}, {UserName}", $"{text.Shown} {fault}", text, UserRules.AllowedName, Instead);
        return null;
    }

    private string? ReadPassword(string subject, FileTable table)
    {
        const string Instead = "password = \"...\"";
        if (ReadText(subject, table, Password, UserRules.AllowedPassword, Instead) is not { } text) return null;
        if (UserRules.ExplainPassword(text.Value) is not { } fault) return text.Value;
        Add($"{subject}, {Password}", fault, text, UserRules.AllowedPassword, Instead);
        return null;
    }

    private string? ReadPasswordFile(string subject, FileTable table)
    {
        const string Allowed = "the path of a text file with nothing but the password", Instead = "password_file = \"/run/secrets/fibril\"";
        if (table[Password] is { } both)
        {
            Add($"{subject}, {Password}", $"stands beside {PasswordFile}", both, "one of the two", $"remove {Password}");
            return null;
        }

        if (ReadText(subject, table, PasswordFile, Allowed, Instead) is not { } path) return null;
        if (SecretFile.ReadPassword(path.Value, target.ReadFile, out string fault) is { } password) return password;
        Add($"{subject}, {PasswordFile}", $"{path.Shown} {fault}", path, Allowed, Instead);
        return null;
    }

    private FileText? ReadText(string subject, FileTable table, string field, string allowed, string instead)
    {
        FileNode? node = table[field];
        if (node is FileText text) return text;
        string fault = node is null ? "missing" : $"found {node.TypeName}, not text in quotes";
        Add($"{subject}, {field}", fault, node ?? table, allowed, instead);
        return null;
    }

    private void AddDuplicate(string subject, ConfiguredUser user, FileNode node) =>
        Add(subject, $"{Printable.Quote(user.UserName)} stands in the list already", node,
            "each user once", "remove one of the two entries");

    private void AddUnknown(string subject, FileEntry entry)
    {
        string? near = NearestName.Of(entry.Name, Fields);
        SettingSource place = raw.PlaceOf(entry.Line, entry.Column);
        target.Problems.Add(new ConfigurationProblem(
            ProblemKind.UnknownFileKey, $"{subject}, {Printable.Line(entry.Name)}", "no such key of a user", place)
        {
            Allowed = string.Join(", ", Fields),
            Instead = near is null ? null : $"{near} = \"...\"",
        });
    }

    private void Add(string subject, string what, FileNode node, string allowed, string instead) =>
        target.Problems.Add(new ConfigurationProblem(ProblemKind.Value, subject, what, raw.PlaceOf(node.Line, node.Column))
        {
            Allowed = allowed,
            Instead = instead,
        });
}
