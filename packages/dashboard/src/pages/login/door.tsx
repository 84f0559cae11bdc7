import { Container, Group, SegmentedControl, Text, Title } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { localeNames, locales } from '../../words/catalogues'
import { useLocale } from '../../words/say'

/** What is seen before one is inside: a form, and the choice of a language. */
export function Door({ title, problem, children }: { readonly title: string; readonly problem: string; readonly children: ReactNode }): ReactElement {
  const { locale, choose } = useLocale()
  return (
    <Container size={420} py={{ base: 'xl', sm: 80 }} component="main">
      <Group justify="space-between" mb="xl">
        <Group gap="xs">
          <img src="/favicon.svg" alt="" width={28} height={28} />
          <Text fw={700}>Tocsin</Text>
        </Group>
        <SegmentedControl size="xs" value={locale} onChange={(value) => choose({ locale: value })} data={locales.map((one) => ({ value: one, label: localeNames[one] }))} aria-label="Language / 语言" />
      </Group>
      <Title order={1} size="h3" mb="md">
        {title}
      </Title>
      {children}
      <Text c="red" size="sm" mt="md" role="alert" mih={22} style={{ overflowWrap: 'anywhere' }}>
        {problem}
      </Text>
    </Container>
  )
}
