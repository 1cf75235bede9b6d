using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The one user that the environment can add to the list, for containers whose password is a mounted file or a variable.</summary>
internal static class SeedUserVariables
{
    public const string UserName = "FIBRIL_AUTH_USERNAME";
    public const string Password = "FIBRIL_AUTH_PASSWORD";
    public const string PasswordFile = "FIBRIL_AUTH_PASSWORD_FILE";

    /// <summary>Reads the user of the variables; null when they are not set, or are reported to <paramref name="problems"/>.</summary>
    public static ConfiguredUser? Read(
        EnvironmentVariables variables, Func<string, string> readFile, ICollection<ConfigurationProblem> problems)
    {
        string? name = variables.Find(UserName)?.Trim();
        string? password = ReadPassword(variables, readFile, problems, out bool isPasswordSet);
        if (name is null && !isPasswordSet) return null;
        if (name is null)
        {
            string set = variables.Find(Password) is null ? PasswordFile : Password;
            problems.Add(Problem(set, $"set, but {UserName} is not", "both or neither", $"{UserName}=alice beside it"));
            return null;
        }

        if (!isPasswordSet)
            problems.Add(Problem(UserName, "set, but no password is", "both or neither", $"{PasswordFile}=/run/secrets/fibril beside it"));
        if (UserNames.Fault(name) is { } nameFault)
            problems.Add(Problem(UserName, $"{Printable.Quote(name)} {nameFault}", UserRules.AllowedName, $"{UserName}=alice"));
        else if (password is not null)
            return new ConfiguredUser(name, password);
        return null;
    }

    private static string? ReadPassword(
        EnvironmentVariables variables, Func<string, string> readFile, ICollection<ConfigurationProblem> problems, out bool isSet)
    {
        string? direct = variables.Find(Password), path = variables.Find(PasswordFile);
        isSet = direct is not null || path is not null;
        if (direct is not null && path is not null)
        {
            problems.Add(Problem(Password, $"set together with {PasswordFile}", "one of the two", $"unset {Password}"));
            return null;
        }

        if (path is not null) return ReadFile(path, readFile, problems);
        if (direct is null || UserRules.ExplainPassword(direct) is not { } fault) return direct;
        problems.Add(Problem(Password, fault, "a password that is not blank", $"{Password}=..."));
        return null;
    }

    private static string? ReadFile(string path, Func<string, string> readFile, ICollection<ConfigurationProblem> problems)
    {
        if (SecretFile.ReadPassword(path, readFile, out string fault) is { } password) return password;
        problems.Add(new ConfigurationProblem(ProblemKind.File, PasswordFile, fault, new VariableSource(PasswordFile))
        {
            Found = Printable.Quote(path),
            Allowed = "a text file with nothing but the password",
            Instead = $"{PasswordFile}=/run/secrets/fibril",
        });
        return null;
    }

    private static ConfigurationProblem Problem(string variable, string what, string allowed, string instead) =>
        new(ProblemKind.Value, variable, what, new VariableSource(variable)) { Allowed = allowed, Instead = instead };
}
