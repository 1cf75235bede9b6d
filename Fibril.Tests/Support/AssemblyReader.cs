using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Fibril.Tests.Support;

/// <summary>One place in an assembly that uses a type or a member: who, what, and in which member.</summary>
internal readonly record struct Use(string By, string ByNamespace, string Of, string OfNamespace, string Member)
{
    public override string ToString() => $"{By} uses {Of} ({Member})";
}

/// <summary>Reads from compiled code what its types use, signatures and method bodies alike. Constants leave no trace there.</summary>
internal static class AssemblyReader
{
    /// <summary>Every use of a type by a type of the assembly; nested types count as the type they are in.</summary>
    public static IReadOnlyCollection<Use> UsesOfTypes(string assemblyPath)
    {
        var uses = new HashSet<Use>();
        foreach ((TypeDefinition by, MemberReference used, string member) in Walk(assemblyPath))
        {
            foreach (TypeReference type in PartsOf(used)) uses.Add(UseOf(by, type, Outermost(type).FullName, member));
        }

        return uses;
    }

    /// <summary>Every use of a method or field by a type of the assembly, named <c>Namespace.Type::Member(ParameterTypes)</c>.</summary>
    public static IReadOnlyCollection<Use> UsesOfMembers(string assemblyPath)
    {
        var uses = new HashSet<Use>();
        foreach ((TypeDefinition by, MemberReference used, string member) in Walk(assemblyPath))
        {
            if (used is not TypeReference && used.DeclaringType is { } type) uses.Add(UseOf(by, type, SignatureOf(used), member));
        }

        return uses;
    }

    private static Use UseOf(TypeDefinition by, TypeReference used, string name, string member) => new(
        Outermost(by).FullName, Outermost(by).Namespace, name, Outermost(used).Namespace, member);

    private static string SignatureOf(MemberReference member)
    {
        string parameters = member is MethodReference method
            ? $"({string.Join(", ", method.Parameters.Select(static parameter => parameter.ParameterType.Name))})"
            : "";
        return $"{member.DeclaringType.GetElementType().FullName}::{member.Name}{parameters}";
    }

    private static List<(TypeDefinition By, MemberReference Used, string Member)> Walk(string assemblyPath)
    {
        var found = new List<(TypeDefinition, MemberReference, string)>();
        using ModuleDefinition module = ModuleDefinition.ReadModule(assemblyPath);
        foreach (TypeDefinition type in module.GetTypes())
        {
            Add("declaration", type.BaseType);
            Add("declaration", type.Interfaces.Select(static implemented => implemented.InterfaceType));
            AddAttributes("declaration", type);
            AddConstraints("declaration", type);
            foreach (FieldDefinition field in type.Fields)
            {
                Add(field.Name, field.FieldType);
                AddAttributes(field.Name, field);
            }

            foreach (PropertyDefinition property in type.Properties) AddAttributes(property.Name, property);
            foreach (MethodDefinition method in type.Methods)
            {
                Add(method.Name, method.ReturnType);
                Add(method.Name, method.Parameters.Select(static parameter => parameter.ParameterType));
                AddAttributes(method.Name, method);
                AddConstraints(method.Name, method);
                if (!method.HasBody) continue;
                Add(method.Name, method.Body.Variables.Select(static variable => variable.VariableType));
                Add(method.Name, method.Body.ExceptionHandlers.Select(static handler => handler.CatchType));
                Add(method.Name, method.Body.Instructions.Select(static instruction => instruction.Operand as MemberReference));
            }

            void Add(string member, params IEnumerable<MemberReference?> used)
            {
                foreach (MemberReference? one in used)
                {
                    if (one is not null) found.Add((type, one, member));
                }
            }

            void AddAttributes(string member, ICustomAttributeProvider provider) =>
                Add(member, provider.CustomAttributes.Select(static attribute => attribute.AttributeType));

            void AddConstraints(string member, IGenericParameterProvider provider) =>
                Add(member, provider.GenericParameters
                    .SelectMany(static parameter => parameter.Constraints)
                    .Select(static constraint => constraint.ConstraintType));
        }

        return found;
    }

    /// <summary>The types that a reference is made of.</summary>
    private static IEnumerable<TypeReference> PartsOf(MemberReference reference) => reference switch
    {
        GenericParameter => [],
        GenericInstanceType generic => [.. PartsOf(generic.ElementType), .. generic.GenericArguments.SelectMany(PartsOf)],
        FunctionPointerType pointer => [.. PartsOf(pointer.ReturnType), .. PartsOf(pointer.Parameters)],
        RequiredModifierType modified => [.. PartsOf(modified.ElementType), .. PartsOf(modified.ModifierType)],
        TypeSpecification specification => PartsOf(specification.ElementType),
        TypeReference type => [type],
        GenericInstanceMethod generic => [.. PartsOf(generic.ElementMethod), .. generic.GenericArguments.SelectMany(PartsOf)],
        MethodReference method => [.. PartsOf(method.DeclaringType), .. PartsOf(method.ReturnType), .. PartsOf(method.Parameters)],
        FieldReference field => [.. PartsOf(field.DeclaringType), .. PartsOf(field.FieldType)],
        _ => [],
    };

    private static IEnumerable<TypeReference> PartsOf(IEnumerable<ParameterDefinition> parameters) =>
        parameters.SelectMany(static parameter => PartsOf(parameter.ParameterType));

    private static TypeReference Outermost(TypeReference type)
    {
        TypeReference outermost = type.GetElementType();
        while (outermost.DeclaringType is { } declaring) outermost = declaring;
        return outermost;
    }
}
