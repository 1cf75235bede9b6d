using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;

namespace Fibril.Cli.Parsing;

/// <summary>The options that every verb has and that may stand anywhere.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Longest time that anything is waited for.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(1);

    private readonly Option<BrokerAddress?> _broker = Inputs.Checked<BrokerAddress?>(
        "--broker", "host:port",
        $"Address of the broker. Default: {BrokerLocator.AddressVariable}; else where the server is configured to listen, by "
        + $"{BrokerLocator.BindVariable} or the file of --config; else {BrokerAddress.Default}.",
        static text => BrokerAddress.TryParse(text, out BrokerAddress address)
            ? (address, null)
            : Inputs.Bad<BrokerAddress?>($"'{text}' is no broker address; write {BrokerAddress.Forms}"));

    private readonly Option<Uri?> _admin = Inputs.Checked<Uri?>(
        "--admin", "host:port|url",
        $"Address of the admin API. Default: {AdminLocator.AddressVariable}; else where the server is configured to listen; else {AdminAddress.Default.Authority}.",
        static text => AdminAddress.TryParse(text, out Uri address) ? (address, null) : Inputs.Bad<Uri?>($"'{text}' is no address of an admin API; write {AdminAddress.Forms}"));

    private readonly Option<string?> _context = Inputs.Text(
        "--context", "name", $"Addresses and user of this name in {ContextFile.Place}; default {ContextFile.ContextVariable}, else the current one. See fibrilctl context.");

    private readonly Option<string?> _config = Inputs.Text(
        "--config", "path", $"Server configuration to find the broker by; default {ServerListener.ConfigVariable}. Not read when the broker is named.");

    private readonly Option<string?> _userName = Inputs.Text(
        "--username", "name", $"User to sign in as; default {Credentials.NameVariable}, else {Credentials.DefaultName}.");

    private readonly Option<string?> _password = Inputs.Text(
        "--password", "text",
        $"Password of the user; default {Credentials.PasswordVariable}, else {Credentials.DefaultPassword}. Others can see it in the list of processes.");

    private readonly Option<bool> _passwordFromInput = Inputs.Flag("--password-stdin", "Reads the password from the first line of standard input.");

    private readonly Option<TimeSpan?> _timeout = Inputs.Duration(
        "--timeout",
        "Longest wait for the broker: to connect (default 10s), for an answer (30s), and when consuming for each message (5s).",
        LeastTimeout, LongestWait);

    private readonly TlsInputs _tls = new();

    private readonly Option<bool> _quiet = Inputs.Flag("--quiet", "Says nothing on standard error but errors.");

    private readonly Option<bool> _noColor = Inputs.Flag("--no-color", "Writes without colours, as does NO_COLOR.");

    public void AddTo(Command root)
    {
        foreach (Option option in (IEnumerable<Option>)[_broker, _admin, _context, _config, _userName, _password, _passwordFromInput, .. _tls.Options, _timeout, _quiet, _noColor])
        {
            option.Recursive = true;
            root.Add(option);
        }
    }

    /// <summary>Adds what the global options contradict each other in.</summary>
    public void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetResult(_password) is not null && PasswordIsOnInput(parse)) faults.Add("--password and --password-stdin exclude each other.");
        _tls.Check(parse, faults);
    }

    /// <summary>True when standard input begins with the password.</summary>
    public bool PasswordIsOnInput(ParseResult parse) => parse.GetValue(_passwordFromInput);

    /// <summary>The value of <c>--timeout</c>; null when it is not given.</summary>
    public TimeSpan? Timeout(ParseResult parse) => parse.GetValue(_timeout);

    /// <summary>The value of <c>--config</c>; null when it is not given.</summary>
    public string? ConfigPath(ParseResult parse) => parse.GetValue(_config);

    public Talk CreateTalk(ParseResult parse, CliContext context) => new(context, parse.GetValue(_quiet), !parse.GetValue(_noColor));

    /// <summary>Puts the broker's address and the user together. May read files, standard input, and ask.</summary>
    /// <exception cref="CliException">A source makes no sense.</exception>
    public BrokerTarget FindBroker(ParseResult parse, CliContext context)
    {
        SavedContext? saved = FindContext(parse, context);
        return FindBroker(parse, saved, context, FindCredentials(parse, saved, context));
    }

    /// <summary>Puts the address of the admin API and the user together. May read files, standard input, and ask.</summary>
    /// <exception cref="CliException">A source makes no sense.</exception>
    public AdminTarget FindAdmin(ParseResult parse, CliContext context)
    {
        SavedContext? saved = FindContext(parse, context);
        return FindAdmin(parse, saved, context, FindCredentials(parse, saved, context));
    }

    /// <summary>Both, with one user: standard input has the password once, and nobody is asked twice.</summary>
    /// <exception cref="CliException">A source makes no sense.</exception>
    public (BrokerTarget Broker, AdminTarget Admin) FindBoth(ParseResult parse, CliContext context)
    {
        SavedContext? saved = FindContext(parse, context);
        Credentials credentials = FindCredentials(parse, saved, context);
        return (FindBroker(parse, saved, context, credentials), FindAdmin(parse, saved, context, credentials));
    }

    /// <summary>What a context that is saved with these options holds.</summary>
    public SavedContext ReadContext(ParseResult parse, string name, CliContext context) => new(name)
    {
        Broker = parse.GetValue(_broker)?.ToString(),
        Admin = parse.GetValue(_admin)?.GetLeftPart(UriPartial.Authority),
        UserName = parse.GetValue(_userName),
        Tls = _tls.Read(parse, saved: null),
        Password = PasswordIsOnInput(parse) ? Credentials.ReadFirstLine(context.OpenInput()) : parse.GetValue(_password),
    };

    private BrokerTarget FindBroker(ParseResult parse, SavedContext? saved, CliContext context, Credentials credentials)
    {
        BrokerAddress address = new BrokerLocator(context.Variable, context.ReadText).Find(parse.GetValue(_broker), saved, parse.GetValue(_config));
        return new BrokerTarget(address, credentials, Timeout(parse)) { Tls = _tls.Read(parse, saved?.Tls), Talk = CreateTalk(parse, context) };
    }

    private AdminTarget FindAdmin(ParseResult parse, SavedContext? saved, CliContext context, Credentials credentials)
    {
        Uri address = new AdminLocator(context.Variable, context.ReadText).Find(parse.GetValue(_admin), saved, parse.GetValue(_config));
        TlsSettings? tls = _tls.Read(parse, saved?.Tls);
        bool saysScheme = parse.GetResult(_admin)?.Tokens is [{ Value: { } text }] && text.Contains("://", StringComparison.Ordinal);
        if (tls is not null && !saysScheme) address = new UriBuilder(address) { Scheme = Uri.UriSchemeHttps }.Uri;
        return new AdminTarget(address, credentials, Timeout(parse)) { Tls = tls, Talk = CreateTalk(parse, context) };
    }

    private SavedContext? FindContext(ParseResult parse, CliContext context) => new ContextFile(context).Find(parse.GetValue(_context));

    private Credentials FindCredentials(ParseResult parse, SavedContext? saved, CliContext context) =>
        Credentials.Find(parse.GetValue(_userName), parse.GetValue(_password), PasswordIsOnInput(parse), saved, context);
}
