package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosocial/social/text"
	"github.com/spf13/cobra"
)

func textCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "text", Short: "Translate the texts of pages"})
	cmd.AddCommand(exportTextCommand(), checkTextCommand())
	return cmd
}

func exportTextCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export LANGUAGE",
		Short: "Write the texts of a language, for translators",
		Long: `Writes every text of a language (a BCP 47 tag such as nl or pt-BR) as JSON, by key.
What is not translated is in English. Put the translated file, named LANGUAGE.json, into
the folder that the configuration names as texts, and the language into languages.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := text.Export(args[0])
			if err != nil {
				return err
			}
			if output == "" {
				_, err = cmd.OutOrStdout().Write(file)
				return err
			}
			f, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if os.IsExist(err) {
				return fmt.Errorf("%s is there already: choose another --output, or remove it", output)
			}
			if err != nil {
				return err
			}
			if _, err = f.Write(file); err != nil {
				f.Close()
				return err
			}
			return f.Close()
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "the file to write; default standard output")
	return cmd
}

func checkTextCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "Check translated files, named after their language: nl.json",
		Long: `Checks that a file has every text, the arguments in braces that the English text has, and
the plural forms that its language needs. A file that replaces single texts need not be
complete: the program checks it at the start.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found := 0
			for _, path := range args {
				file, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				faults, err := text.Check(strings.TrimSuffix(filepath.Base(path), ".json"), file)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				for _, fault := range faults {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", path, fault)
				}
				found += len(faults)
			}
			if found > 0 {
				return fmt.Errorf("%d texts to put right", found)
			}
			return nil
		},
	}
}
